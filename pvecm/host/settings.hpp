#pragma once
// What an administrator sets: in the environment, else in /etc/default/pvecm.

#include <map>
#include <optional>
#include <string>

#include "pvecm/host/paths.hpp"

namespace pvecm {

std::optional<std::string> setting(const Paths& paths, const std::string& name);

// The assignments of a file as /etc/default has them: NAME="words" or NAME=words, comments.
std::map<std::string, std::string> parse_settings(const std::string& text);

}  // namespace pvecm
