#pragma once
// One administrator at a time: on this node, and in the cluster. Spec pvecm.md section 3.3.

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "engine/base/file_descriptor.hpp"
#include "pvecm/host/paths.hpp"

namespace pvecm {

// The tool's lock on this node, held until the object goes. Throws Error if another process keeps it.
class LocalLock {
public:
    explicit LocalLock(const Paths& paths, std::chrono::seconds limit = std::chrono::seconds(10));

private:
    std::optional<engine::FileDescriptor> file_;
};

// Enough for the lock of a program that was killed, which the store frees after two minutes (pmxcfs.md section 7).
inline constexpr std::chrono::seconds kUntilLeftOverIsFreed{130};

// A lock in the store, held until the object goes; who holds it longer than a minute is ended. Throws Error.
class ClusterLock {
public:
    // The file of the store it is for, "corosync.conf", or any other word.
    ClusterLock(const Paths& paths, const std::string& what, bool is_file = true,
                std::chrono::seconds limit = std::chrono::seconds(10));
    ~ClusterLock();
    ClusterLock(const ClusterLock&) = delete;
    ClusterLock& operator=(const ClusterLock&) = delete;

private:
    std::string folder_;
};

// Changes of the cluster's corosync.conf: both locks, the second if there is more than one node. Throws Error.
void with_config_lock(const Paths& paths, const std::function<void()>& body);

}  // namespace pvecm
