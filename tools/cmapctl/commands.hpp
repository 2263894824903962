#pragma once
// What corosync-cmapctl does, one function a mode. They print and return the exit code.
// Spec corosync-conf.md section 15.4.

#include <string>
#include <vector>

#include "tools/cmapctl/value.hpp"

namespace tools::cmapctl {

using Words = std::vector<std::string>;

struct Session {
    cmap_handle_t cmap;
    Style style;
    bool json = false;  // arrays of json_of(); from track(), one object a line
};

std::optional<Value> read_value(cmap_handle_t cmap, const std::string& key, cs_error_t& error);

int get(const Session& session, const Words& keys);
int list(const Session& session, const Words& prefixes);  // no prefix: everything
int set(const Session& session, const std::string& key, const std::string& type, const std::string& value);
int remove(const Session& session, const Words& keys);
int remove_prefixes(const Session& session, const Words& prefixes);
int load(const Session& session, const std::string& file);
int clear_statistics(const Session& session, const std::string& which);
// Reports changes until standard input says 'q' or ends, SIGINT or SIGTERM comes, or the engine goes away (1).
int track(const Session& session, const Words& keys, bool prefix);

}  // namespace tools::cmapctl
