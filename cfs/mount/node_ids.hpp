#pragma once
// How the kernel names what we show: the tree's inode numbers plus one, because the kernel's root is 1, and the
// virtual entries far above them. Numbers of the tree are never used twice, so there is nothing to remember.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "cfs/mount/virtual_entries.hpp"
#include "cfs/tree/entry.hpp"

namespace cfs::mount {

using NodeId = std::uint64_t;  // fuse_ino_t

inline constexpr NodeId kRootNode = 1;
inline constexpr NodeId kFirstVirtual = NodeId{1} << 62;

constexpr NodeId node_id(Inode inode) {
    return inode + kRootNode;
}
constexpr Inode inode_of(NodeId node) {
    return node - kRootNode;
}
inline NodeId node_id(const VirtualEntry& entry) {
    return kFirstVirtual + static_cast<NodeId>(&entry - virtual_entries().data());
}
inline const VirtualEntry* virtual_of(NodeId node) {  // null: of the tree
    const NodeId number = node - kFirstVirtual;
    return node >= kFirstVirtual && number < virtual_entries().size() ? &virtual_entries()[number] : nullptr;
}

}  // namespace cfs::mount
