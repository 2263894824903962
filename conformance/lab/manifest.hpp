#pragma once
// What is on record about a laboratory, in <base>/<name>/manifest.json, so that another program can drive it or clear
// away what a dead one left.

#include <optional>
#include <string>
#include <vector>

#include "conformance/lab/network.hpp"
#include "conformance/lab/plan.hpp"
#include "conformance/lab/system.hpp"

namespace lab {

struct NodeRecord {
    DaemonKind kind = DaemonKind::totemd;
    std::filesystem::path program;
    ProcessId init;
    ProcessId daemon;           // the latest one started; pid 0 if none ever was
    pid_t daemon_inside = 0;    // the same as the node sees it
    std::size_t log_start = 0;  // size of the log when that daemon was started
    Receptions receptions;
};

struct Manifest {
    std::string name;
    bool persistent = false;
    ProcessId creator;
    Transport transport = Transport::udp;
    Family family = Family::ipv4;
    unsigned rings = 1;
    bool real_time = false;
    ProcessId hub;
    ProcessId capture;
    std::string capture_file;
    std::vector<NodeRecord> nodes;

    // A persistent laboratory lives as long as its hub, another one as long as its creator.
    bool in_use() const { return persistent ? hub.alive() : creator.alive(); }
};

// Environment TOTEM_LAB_DIR, else /run/totem-lab.
std::filesystem::path base_directory();
void check_name(const std::string& name);  // LabError if it cannot be a directory's name
std::filesystem::path directory_of(const std::string& name);

void save(const Manifest& manifest);
std::optional<Manifest> load(const std::string& name);  // nothing if there is none; LabError if it cannot be read

}  // namespace lab
