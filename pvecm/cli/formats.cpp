#include "pvecm/cli/formats.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "pvecm/error.hpp"

namespace pvecm {
namespace {

constexpr long kHighestPriority = 255;

bool is_alnum(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool is_dns_name(std::string_view text) {
    if (text.empty()) return false;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find('.', at), text.size());
        if (!is_node_name(text.substr(at, end - at))) return false;
        at = end + 1;
    }
    return true;
}

std::string invalid(std::string_view why) {
    return fmt::format("invalid format - {}\n", why);
}

// The value is a list with an error of its own for every key (section 2.2, P9).
std::optional<std::string> wrong_link(const std::string& name, const std::string& value) {
    std::map<std::string, std::string> keys;
    try {
        keys = parse_properties(value, "address");
    } catch (const Error& error) {
        return invalid(error.what());
    }
    std::string details;
    const auto add = [&](const std::string& key, const std::string& why) {
        details += fmt::format("\n{}.{}: {}", name, key, why);
    };
    for (const auto& [key, text] : keys) {
        if (key == "address") {
            if (!is_address(text))
                add(key, fmt::format("invalid format - value does not look like a valid address: {}", text));
        } else if (key == "priority") {
            const auto number = parse_integer(text);
            if (!number) add(key, fmt::format("type check ('integer') failed - got '{}'", text));
            if (number && *number < 0) add(key, "value must have a minimum value of 0");
            if (number && *number > kHighestPriority) add(key, "value must have a maximum value of 255");
        } else {
            add(key, "property is not defined in schema and the schema does not allow additional properties");
        }
    }
    if (keys.count("address") == 0) add("address", "property is missing and it is not optional");
    if (details.empty()) return std::nullopt;
    return invalid("format error" + details);
}

}  // namespace

bool is_node_name(std::string_view text) {
    return !text.empty() && is_alnum(text.front()) && is_alnum(text.back()) &&
           std::all_of(text.begin(), text.end(), [](char c) { return is_alnum(c) || c == '-'; });
}

bool is_ipv6(const std::string& text) {
    in6_addr address{};
    return ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

bool is_ip(const std::string& text) {
    in_addr address{};
    return ::inet_pton(AF_INET, text.c_str(), &address) == 1 || is_ipv6(text);
}

bool is_address(const std::string& text) {
    return is_ip(text) || is_dns_name(text);
}

bool is_cidr(const std::string& text) {
    constexpr long kLeastPrefix = 8, kMostV4 = 32, kMostV6 = 128;
    const auto slash = text.find('/');
    if (slash == std::string::npos) return false;
    const std::string address = text.substr(0, slash);
    const auto prefix = parse_integer(text.substr(slash + 1));
    return is_ip(address) && prefix && *prefix >= kLeastPrefix && *prefix <= (is_ipv6(address) ? kMostV6 : kMostV4);
}

bool is_fingerprint(std::string_view text) {
    constexpr std::size_t kPairs = 32, kWidth = 3;  // "AB:"
    if (text.size() != kPairs * kWidth - 1) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool colon = i % kWidth == kWidth - 1;
        if (colon ? text[i] != ':' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) return false;
    }
    return true;
}

std::optional<std::string> wrong_format(Format format, const std::string& name, const std::string& value) {
    const auto unless = [](bool fine, std::string_view why) {
        return fine ? std::nullopt : std::optional(invalid(why));
    };
    switch (format) {
        case Format::none:
            return std::nullopt;
        case Format::node:
            return unless(is_node_name(value), "value does not look like a valid node name");
        case Format::ip:
            return unless(is_ip(value), "value does not look like a valid IP address");
        case Format::address:
            return unless(is_address(value), fmt::format("value does not look like a valid address: {}", value));
        case Format::cidr:
            return unless(is_cidr(value), "value does not look like a valid CIDR network");
        case Format::fingerprint:
            if (is_fingerprint(value)) return std::nullopt;
            return "value does not match the regex pattern";
        case Format::link:
            return wrong_link(name, value);
    }
    return std::nullopt;
}

std::map<std::string, std::string> parse_properties(const std::string& text, const std::string& default_key) {
    std::map<std::string, std::string> result;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        const std::string part = text.substr(at, end - at);
        at = end + 1;
        const auto equals = part.find('=');
        const std::string key = equals == std::string::npos ? default_key : part.substr(0, equals);
        if (part.empty() || key.empty()) throw Error("missing key in comma-separated list property");
        const bool fresh = result.emplace(key, equals == std::string::npos ? part : part.substr(equals + 1)).second;
        if (!fresh) throw Error(fmt::format("duplicate key in comma-separated list property: {}", key));
    }
    return result;
}

std::optional<long> parse_integer(const std::string& text) {
    long value = 0;
    const char* const end = text.data() + text.size();
    const char* const begin = text.starts_with('+') ? text.data() + 1 : text.data();
    const auto [stop, error] = std::from_chars(begin, end, value);
    if (error != std::errc() || stop != end) return std::nullopt;
    return value;
}

}  // namespace pvecm
