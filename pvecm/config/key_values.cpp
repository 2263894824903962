#include "pvecm/config/key_values.hpp"

#include <sstream>

namespace pvecm::config {
namespace {

constexpr const char* kBlank = " \t\r";

std::string trimmed(const std::string& text) {
    const auto begin = text.find_first_not_of(kBlank);
    return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(kBlank) + 1 - begin);
}

}  // namespace

KeyValues key_values(std::string_view text) {
    std::istringstream lines{std::string(text)};
    KeyValues result;
    for (std::string line; std::getline(lines, line);) {
        const auto colon = line.find(':');
        if (line.starts_with('#') || trimmed(line).empty()) continue;
        const bool key = colon != std::string::npos && line.find_first_of(kBlank) > colon && colon > 0;
        if (key) {
            result.settings.push_back({line.substr(0, colon), trimmed(line.substr(colon + 1))});
        } else {
            result.odd_lines.push_back(trimmed(line));
        }
    }
    return result;
}

bool is_on(const std::string& value) {
    return value == "1" || value == "yes" || value == "on" || value == "true";
}

bool is_off(const std::string& value) {
    return value == "0" || value == "no" || value == "off" || value == "false";
}

}  // namespace pvecm::config
