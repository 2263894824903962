#pragma once
// The line grammar of corosync.conf: sections, items, comments. Knows no section by name.
// Spec corosync-conf.md section 2.

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/error.hpp"
#include "totem/wire/types.hpp"

namespace engine::config {

// Thrown by a Handler; parse() adds the place.
class ValueError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// `path` is the section's own path, "totem.interface". Calls nest as the sections do.
class Handler {
public:
    virtual ~Handler() = default;
    virtual void section_start(const std::string& path, const std::string& name) = 0;
    virtual void item(const std::string& path, const std::string& key, const std::string& value) = 0;
    virtual void section_end(const std::string& path) = 0;
};

// Throws Error. v3 is strict and names file and line; v2 takes what corosync 2.4 takes, and each line
// that it skips is added to `warnings`.
void parse(std::string_view text, const std::string& file, totem::Dialect dialect, Handler& handler,
           std::vector<std::string>& warnings);

// The whole file. Throws Error in the dialect's words if it cannot be read.
std::string read_file(const std::string& path, totem::Dialect dialect);

}  // namespace engine::config
