#pragma once
// The formats of option values, and what is said when a value has not its format. Spec pvecm.md section 2.2.

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace pvecm {

enum class Format { none, node, ip, address, cidr, fingerprint, link };

// What follows "NAME: " in the error; nothing if the value is fine. `name` is that of the option.
std::optional<std::string> wrong_format(Format format, const std::string& name, const std::string& value);

bool is_node_name(std::string_view text);
bool is_ip(const std::string& text);
bool is_ipv6(const std::string& text);
bool is_address(const std::string& text);  // a number or a DNS name
bool is_cidr(const std::string& text);
bool is_fingerprint(std::string_view text);

// A comma-separated list "value,key=value": `default_key` is the key of an entry without one. Throws Error.
std::map<std::string, std::string> parse_properties(const std::string& text, const std::string& default_key);

// A whole decimal number; nothing if it is anything else or does not fit.
std::optional<long> parse_integer(const std::string& text);

}  // namespace pvecm
