#pragma once
// The index of a tree: what members compare to find out who has what (pmxcfs-wire.md 5.5, 5.6).

#include <cstdint>
#include <vector>

#include "cfs/tree/digest.hpp"
#include "cfs/tree/report.hpp"

namespace cfs {

struct Index {
    struct Item {
        Inode inode = 0;
        Digest digest{};
        bool operator==(const Item&) const = default;
    };

    std::uint64_t version = 0;
    Inode last_inode = 0;
    std::uint32_t writer = 0;
    std::uint32_t mtime = 0;
    std::vector<Item> items;  // by ascending inode, the root first

    std::vector<std::uint8_t> encode() const;
    // Refuses with the texts of 5.5 what is too short, has another length than it says, or is out of order.
    static Or<Index> decode(Bytes payload);

    bool operator==(const Index&) const = default;
};

// Does `a` win against `b` for the leader's place, the two being of members in ascending order with `b` first?
bool outranks(const Index& a, const Index& b);

// The inodes of `leader` that `other` lacks or has otherwise, ascending.
std::vector<Inode> missing_or_different(const Index& leader, const Index& other);

}  // namespace cfs
