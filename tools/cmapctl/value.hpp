#pragma once
// Values of the map as text and JSON, and the other way. Spec corosync-conf.md section 15.4.

#include <corosync/cmap.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tools::cmapctl {

struct Value {
    cmap_value_types_t type;
    std::string bytes;  // as the library hands them over: numbers in host order, strings with their NUL
};

struct Style {
    bool binary = false;  // show the bytes of binary values
    bool quiet = false;   // the value only
};

std::string_view name_of(cmap_value_types_t type);                                    // "u32"; "" if unknown
std::optional<cmap_value_types_t> type_named(std::string_view name);                  // of the twelve
std::string line_of(const std::string& key, const Value& value, const Style& style);  // with its newline
// {"key", "type", "value"}: numbers as numbers (null if not finite), binary as the text of -b, null without bytes.
nlohmann::json json_of(const std::string& key, const Value& value);

// A number or string from a command line. On failure `error` says what is wrong, without newline. 64-bit values out of
// range become the nearest limit and what follows a number is not looked at, as with corosync-cmapctl.
std::optional<Value> parse_value(cmap_value_types_t type, const std::string& text, std::string& error);

// One line of a file of settings; words are separated by blanks, a tab is part of a word.
struct Setting {
    enum class Kind { set, remove, remove_prefix } kind = Kind::set;
    std::string key, type, value;
    bool complete = true;  // for `set`: type and value are there
};
std::optional<Setting> parse_setting(const std::string& line);  // nothing: blank or comment

}  // namespace tools::cmapctl
