#pragma once
// What all nodes' daemons and tools log for the whole cluster (pmxcfs-wire.md section 7, pmxcfs.md 11.4).

#include <map>

#include "cfs/replica/clusterlog/ring.hpp"

namespace cfs::replica {

class ClusterLog {
public:
    explicit ClusterLog(std::string node) : node_(std::move(node)) {}

    struct Text {
        std::uint8_t priority = 6;  // syslog's, 0 to 7
        std::uint32_t pid = 0;
        std::string_view ident, tag, message;
    };
    // A new entry of this node, put in; returned to be sent to the others.
    LogEntry add(std::uint32_t now, const Text& text);
    // Another node's. False: it is no news.
    bool insert(const LogEntry& entry);

    // Brings the own ring in order, and gives it as STATE payload.
    Buffer state();
    // The rings of all members in their order; of the own one what is in it now counts, not what was sent.
    void merge(std::span<const LogRing> rings);

    const LogRing& ring() const { return ring_; }
    // The newest `most` entries (0: 50), of `user` only if one is given.
    std::string json(std::uint32_t most = 0, std::string_view user = {}) const;

private:
    bool accept(const LogEntry& entry);

    struct Newest {
        std::uint32_t time = 0, uid = 0;
    };
    const std::string node_;
    std::uint32_t last_uid_ = 0;
    LogRing ring_;
    std::map<std::uint64_t, Newest> newest_;  // by node digest
};

}  // namespace cfs::replica
