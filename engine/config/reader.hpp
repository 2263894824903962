#pragma once
// Reads corosync.conf and its uidgid.d into a configuration map.
// Spec corosync-conf.md sections 2 to 9 and 12.

#include <string>
#include <vector>

#include "engine/cmap/map.hpp"
#include "engine/config/dialect.hpp"
#include "engine/config/grammar.hpp"
#include "totem/wire/types.hpp"

namespace engine::config {

struct File {
    std::string path;
    std::string text;
    totem::Dialect dialect = totem::Dialect::v3;
    DialectChoice choice = {};  // what the text says about that
};

// Reads the bytes and finds the dialect. Throws Error.
File open_file(const std::string& path);

// Stores everything the file says: numbers under their types, the rest as strings, unknown sections and
// keys too. Nothing is resolved or cross-checked here. Throws Error.
void read_config(const File& file, cmap::Map& map, std::vector<std::string>& warnings);

// Every regular file of the directory; one that cannot be read is skipped, as is a missing directory.
// Throws Error.
void read_uidgid_directory(const std::string& directory, totem::Dialect dialect, cmap::Map& map,
                           std::vector<std::string>& warnings);

// "/etc/corosync/uidgid.d" in 2.x, next to the main file in 3.x.
std::string uidgid_directory(const File& file);

}  // namespace engine::config
