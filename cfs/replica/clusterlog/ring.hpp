#pragma once
// The ring of bytes that the cluster log is, in memory and as the STATE of group pve_kvstore_v1 (pmxcfs-wire.md 7.2).

#include <span>

#include "cfs/replica/messages/status.hpp"

namespace cfs::replica {

class LogRing {
public:
    static constexpr std::size_t kSize = 131072;

    LogRing();
    // A ring somebody sent; nothing if its size is wrong. What is in it is looked at by entries() only.
    static std::optional<LogRing> of(Bytes bytes);

    void append(const LogEntry& entry);  // of at most kLargestLogEntry bytes
    // Newest first, as far as the chain is sound.
    std::vector<LogEntry> entries() const;
    const Buffer& bytes() const { return bytes_; }

private:
    std::uint32_t position() const;  // of the newest entry; 0 for an empty ring
    Buffer bytes_;
};

// Space an entry takes in a ring.
constexpr std::size_t aligned_log_size(std::size_t size) {
    return (size + 7) / 8 * 8;
}

// Oldest first: by time, digest of the node and uid, each compared by its 32 bit difference; of equal ones the first.
std::vector<LogEntry> in_order(std::span<const LogEntry> entries);

}  // namespace cfs::replica
