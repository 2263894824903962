#pragma once
// A host of the laboratory: one process that is init of its own pid, network, mount, host name and IPC namespaces.
// Killing it kills everything that runs in the host, and the kernel then frees its interfaces and mounts: the only
// thing that can outlive a host is its directory.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "conformance/lab/system.hpp"

namespace lab {

struct Mount {
    std::filesystem::path source;  // empty: a fresh tmpfs
    std::filesystem::path target;
};

struct HostOptions {
    std::string hostname;
    std::vector<Mount> mounts;         // made in this order
    std::filesystem::path exits_file;  // gets a line "pid-in-host wait-status" per orphan that init has reaped
    bool die_with_creator = true;      // killed by the kernel if the creating thread ends, however it ends
};

// Starts a host and waits until its mounts are made. Throws LabError with the reason if that fails. Needs root.
ProcessId start_host(const HostOptions& options);

// The namespaces of a host, to start programs in.
class HostEntry {
public:
    explicit HostEntry(const ProcessId& init);  // LabError if the host is gone

    // For the calling (forked) process: enter everything but the pid namespace.
    void enter() const;
    // For a process that is to run on: only the network, so that paths and pids keep their outside meaning.
    void enter_network() const;
    // The calling thread's next children are born in the host's pid namespace, until `leave`.
    void begin_births() const;
    void end_births() const;

private:
    FileDescriptor pid_, network_, mount_, hostname_, ipc_, own_pid_;
};

}  // namespace lab
