#pragma once
// What differs between the two dialects of pmxcfs (pmxcfs.md): P5 is pve-cluster 5.0, P9 is 9.1.

#include <cstdint>

namespace cfs {

enum class Era : std::uint8_t { p5, p9 };

// pmxcfs.md 5.1. Every node of a cluster has to use the same file size: it decides what a delivered write does.
struct Limits {
    std::uint32_t file_size = 524288;
    std::uint64_t total_size = 31457280;  // kept by statfs and precheck() only
    std::uint64_t inodes = 10000;         // same
    std::uint32_t block_size = 4096;
    std::uint32_t value_size = 32768;  // of one key of the status store

    static Limits of(Era era) {
        Limits limits;
        if (era == Era::p9) {
            limits.file_size = 1048576;
            limits.total_size = 134217728;
            limits.inodes = 262144;
        }
        return limits;
    }
    bool operator==(const Limits&) const = default;
};

struct Settings {
    Era era = Era::p5;
    Limits limits = Limits::of(Era::p5);

    static Settings of(Era era) { return {era, Limits::of(era)}; }
};

}  // namespace cfs
