#include "pvecm/host/remote.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "pvecm/cli/formats.hpp"
#include "pvecm/host/process.hpp"

namespace pvecm {
namespace {

constexpr const char* kPatience = "ConnectTimeout=10";

}  // namespace

std::string quoted(const std::string& word) {
    const auto plain = [](unsigned char c) {
        return std::isalnum(c) != 0 ||
               std::string_view("-_./:=,@%+").find(static_cast<char>(c)) != std::string_view::npos;
    };
    if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
    std::string result = "'";
    for (const char c : word) {
        if (c == '\'') {
            result += R"('\'')";
        } else {
            result += c;
        }
    }
    return result + "'";
}

std::string Remote::run(const Words& command) const {
    Words all = {"ssh", "-o", "BatchMode=yes", "-o", kPatience, "root@" + address_};
    std::transform(command.begin(), command.end(), std::back_inserter(all), quoted);
    return must_run(all, fmt::format("'{}' on '{}' failed", joined(command), address_));
}

void Remote::copy_to(const std::string& file, const std::string& there) const {
    const std::string host = is_ipv6(address_) ? "[" + address_ + "]" : address_;
    must_run({"scp", "-q", "-o", "BatchMode=yes", "-o", kPatience, file, fmt::format("root@{}:{}", host, there)},
             fmt::format("unable to copy '{}' to '{}'", file, address_));
}

}  // namespace pvecm
