#pragma once
// What the mount shows: whoever owns the tree implements it. All calls are thread-safe and none blocks; the mount calls
// them from many threads at once.

#include <cstdint>
#include <functional>
#include <string>

#include "cfs/mount/virtual_entries.hpp"
#include "cfs/tree/tree.hpp"

namespace cfs::mount {

class FileSystem {
public:
    virtual ~FileSystem() = default;

    // Gives the tree, which does not change until `visit` returns; so it has to be brief. Writers wait for no disk
    // and no network while they keep readers out.
    virtual void look(const std::function<void(const Tree&)>& visit) const = 0;

    // Whether changes are possible: modes show it (pmxcfs.md section 8).
    virtual bool quorate() const = 0;

    // `done` gets what Outcome::result says, or the negative errno for why it came to no outcome. It is called exactly
    // once, from any thread, also from within submit(), and in bounded time; a success is on disk.
    using Done = std::function<void(std::int64_t result)>;
    virtual void submit(Operation operation, Done done) = 0;

    // The text of one of the files that are not in the tree, as of now (pmxcfs.md section 11).
    virtual std::string text(VirtualFile file) const = 0;
    virtual void set_debug(bool on) = 0;
    virtual const std::string& node_name() const = 0;  // what `local` leads to
};

}  // namespace cfs::mount
