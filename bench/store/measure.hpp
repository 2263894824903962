#pragma once
// One measurement of one store, and what all of them together are.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bench/common/statistics.hpp"
#include "bench/store/contestant.hpp"

namespace bench {

struct Work {
    std::string kind;  // as cfs-bench has it
    std::size_t size = 0;
    unsigned writers = 1;     // on a node
    bool everywhere = false;  // on all nodes at once, not only on one
    bool operator==(const Work&) const = default;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Work, kind, size, writers, everywhere)

// Where and on how many nodes a number was taken.
struct Place {
    std::string medium;  // "disk", "tmpfs"
    unsigned nodes = 0;  // 0: local mode
    std::string store;
    bool operator==(const Place&) const = default;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Place, medium, nodes, store)

struct Cell {
    Place place;
    Work work;
    std::vector<Speed> rounds;
    double middle(double Speed::*member) const;  // median
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Cell, place, work, rounds)

// What a change writes to the disk.
struct Written {
    Place place;
    std::string kind;
    std::size_t size = 0;
    std::size_t changes = 0;
    double by_daemon = 0;  // bytes a change and node; write_bytes of /proc/PID/io
    double by_device = 0;  // bytes a change, on the whole device: all nodes, and everybody else
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Written, place, kind, size, changes, by_daemon, by_device)

struct Results {
    std::map<std::string, std::string> media;  // what they are: "ext4 on /dev/sda1"
    std::vector<Cell> speeds;
    std::vector<Written> bytes;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Results, media, speeds, bytes)

Speed measure_speed(Contestant& contestant, const Work& work, double seconds);
// All at node 1 by one writer.
Written measure_bytes(Contestant& contestant, const std::string& kind, std::size_t size, std::size_t changes);

}  // namespace bench
