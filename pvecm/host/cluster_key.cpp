#include "pvecm/host/cluster_key.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <string_view>

#include "pvecm/error.hpp"
#include "pvecm/host/process.hpp"
#include "pvecm/host/remote.hpp"

namespace pvecm {
namespace {

// Of every engine with secauth, and of totemd's own suites.
constexpr std::array<std::string_view, 2> kRefusals = {"Digest does not match", "was made with a key that is not"};

bool is_refusal(const std::string& line) {
    return std::any_of(kRefusals.begin(), kRefusals.end(),
                       [&](std::string_view text) { return line.find(text) != std::string::npos; });
}

// As sha256sum prints it for that file.
Words digest_of(const std::string& file) {
    return {"sha256sum", "--", file};
}

}  // namespace

std::optional<std::string> refused_packets(const Context& context) {
    std::istringstream lines(context.services().log(kCorosync));
    std::string last;
    for (std::string line; std::getline(lines, line);) {
        if (is_refusal(line)) last = line;
    }
    if (last.empty()) return std::nullopt;
    return fmt::format(
        "corosync gets packets that were made with another key, or are protected otherwise:\n  {}\n"
        "Compare '{}' on all nodes; give who has another one that of the others, and restart corosync there.",
        last, context.paths.authkey());
}

void require_same_key(const Context& context) {
    const std::string there = Paths().authkey();  // whatever our root is
    const std::string own = must_run(digest_of(context.paths.authkey()), "no authentication key available");
    const auto digest = [](const std::string& text) { return text.substr(0, text.find(' ')); };
    for (const auto& [name, member] : StoreClient::cluster_info().members) {
        if (name == context.node || member.address.empty()) continue;
        try {
            if (digest(Remote(member.address).run(digest_of(there))) == digest(own)) continue;
        } catch (const Error& error) {
            // Who is not online, or not yet again, is asked as well, but need not be there.
            if (member.online)
                fmt::print(stderr, "warning: can't compare the key with that of '{}': {}\n", name, error.what());
            continue;
        }
        throw Error(
            fmt::format("'{}' is not the same on '{}' and '{}': give both the one that the cluster runs with, or a new "
                        "node would not be heard",
                        there, context.node, name));
    }
}

}  // namespace pvecm
