#include "pvecm/host/settings.hpp"

#include <cstdlib>
#include <sstream>

#include "pvecm/host/files.hpp"

namespace pvecm {

std::optional<std::string> setting(const Paths& paths, const std::string& name) {
    if (const char* const set = std::getenv(name.c_str())) return set;
    const auto settings = parse_settings(read_file(paths.settings()).value_or(""));
    const auto set = settings.find(name);
    return set == settings.end() ? std::nullopt : std::optional(set->second);
}

std::map<std::string, std::string> parse_settings(const std::string& text) {
    std::map<std::string, std::string> settings;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        const auto begin = line.find_first_not_of(" \t");
        const auto equals = line.find('=');
        if (begin == std::string::npos || line[begin] == '#' || equals == std::string::npos) continue;
        std::string value = line.substr(equals + 1);
        if (value.size() > 1 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
            value = value.substr(1, value.size() - 2);
        settings[line.substr(begin, equals - begin)] = value;
    }
    return settings;
}

}  // namespace pvecm
