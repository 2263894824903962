#include "conformance/store/store_program.hpp"

#include <grp.h>

#include "conformance/lab/daemon.hpp"

namespace lab {

namespace fs = std::filesystem;

namespace {

const char* variable(StoreKind kind) {
    return kind == StoreKind::pmxcfs5 ? "PMXCFS_BIN" : "PMXCFS9_BIN";
}

// A start of pmxcfs takes away by force what it finds mounted there, which breaks the mount for the whole machine.
bool is_in_use() {
    const auto list = read_file("/proc/self/mounts");
    return list.find(std::string(" ") + real_mount + " ") != std::string::npos;
}

}  // namespace

std::string to_string(StoreKind kind) {
    switch (kind) {
        case StoreKind::cfsd:
            return "cfsd";
        case StoreKind::pmxcfs5:
            return "pmxcfs of pve-cluster 5";
        case StoreKind::pmxcfs9:
            return "pmxcfs of pve-cluster 9";
    }
    return "?";
}

std::optional<fs::path> find_store(StoreKind kind) {
    if (kind == StoreKind::cfsd) return beside_us("cfsd");
    return program_from_environment(variable(kind));
}

std::string missing_store(StoreKind kind) {
    if (!fs::exists("/dev/fuse")) return "there is no /dev/fuse";
    if (::getgrnam("www-data") == nullptr) return "there is no group www-data";
    if (kind == StoreKind::cfsd) return {};
    if (!find_store(kind)) return "there is no " + to_string(kind) + ": set " + variable(kind) + " to the program";
    if (is_in_use()) return std::string("this machine has a file system on ") + real_mount;
    return {};
}

}  // namespace lab
