#pragma once
// What is begun and not finished on this node: create and add change several files and services, and whoever ends them
// in the middle finds here what to do. One file, there from the first change to the last.

#include <optional>
#include <string>

#include "pvecm/host/paths.hpp"

namespace pvecm {

struct Journal {
    std::string command, target;  // "add", "10.0.0.1"

    static std::optional<Journal> read(const Paths& paths);
    void write(const Paths& paths) const;
    static void clear(const Paths& paths);

    bool operator==(const Journal&) const = default;
};

// True if this very command was begun and not finished. Throws Error if another one was.
bool resumes(const Paths& paths, const Journal& journal);

}  // namespace pvecm
