#pragma once
// Who decides what becomes of a change: this node alone, or the cluster.

#include <cstdint>
#include <functional>

#include "cfs/tree/operation.hpp"

namespace cfs::daemon {

// Thread-safe.
class Decider {
public:
    virtual ~Decider() = default;

    virtual bool quorate() const = 0;

    // `done` as mount::FileSystem::submit has it: once, from any thread, a success is on disk.
    using Done = std::function<void(std::int64_t result)>;
    virtual void submit(Operation operation, Done done) = 0;
};

}  // namespace cfs::daemon
