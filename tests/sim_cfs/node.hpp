#pragma once
// One life of a replica: tree, engine and data application on a channel in memory, and the disk that outlives it.

#include <functional>
#include <map>
#include <set>

#include "cfs/replica/channel/memory.hpp"
#include "cfs/replica/data/data.hpp"
#include "tests/sim_cfs/disk.hpp"

namespace totem::sim::store {

using cfs::replica::MemberId;
using cfs::replica::Now;

class Node;

// What a node tells its world.
class NodeEvents {
public:
    virtual ~NodeEvents() = default;
    virtual Now now(const Node& node) const = 0;
    virtual void report(const Node& node, cfs::Severity severity, std::string_view text) = 0;
    // The tree changed; `before` is its root as it was.
    virtual void changed(const Node& node, const cfs::Change& change, const cfs::Entry& before) = 0;
};

class Node final : cfs::replica::ChannelEvents, cfs::replica::EngineObserver, cfs::replica::DataObserver {
public:
    // The end of an operation: its result; nullopt if it was given up.
    using Done = std::function<void(std::optional<std::int64_t> result)>;

    Node(std::uint32_t machine, MemberId id, cfs::replica::MemoryGroup& group, unsigned component, Disk& disk,
         cfs::Tree tree, NodeEvents& events);

    void submit(cfs::Operation operation, Done done);
    void disk_synced();

    std::uint32_t machine() const { return machine_; }
    MemberId id() const { return id_; }
    const Disk& disk() const { return disk_; }
    cfs::replica::Data& data() { return data_; }
    const cfs::replica::Data& data() const { return data_; }
    cfs::replica::Engine& engine() { return engine_; }
    const cfs::replica::Engine& engine() const { return engine_; }
    bool waits() const { return !sent_.empty() || !unsynced_.empty(); }
    bool told_quorate = false;

private:
    void connected(MemberId self) override { engine_.connected(self); }
    void configuration(std::span<const MemberId> members, std::span<const MemberId> left,
                       std::span<const MemberId> joined) override;
    void delivered(MemberId sender, cfs::replica::Bytes message) override;
    void send_failed(cfs::replica::Purpose, std::uint64_t) override {}
    void lost() override {}
    void report(cfs::Severity severity, std::string_view text) override { events_.report(*this, severity, text); }
    void completed(std::uint64_t count, bool processed, int result) override;
    void changed(const cfs::Change& change) override;
    void export_cluster_config(bool) override {}

    struct Acknowledgement {
        std::uint64_t change = 0;  // on the disk first
        Done done;
        std::int64_t result = 0;
    };

    const std::uint32_t machine_;
    const MemberId id_;
    NodeEvents& events_;
    Disk& disk_;
    cfs::Entry root_;  // before the change under way
    cfs::replica::OwnTree tree_;
    cfs::replica::Data data_;
    cfs::replica::Engine engine_;
    std::map<std::uint64_t, Done> sent_;  // by count
    std::deque<Acknowledgement> unsynced_;
};

}  // namespace totem::sim::store
