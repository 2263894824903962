#pragma once
// The numbers of the ring, the process groups and the clients under the names clients know: the statistics
// map of 3.x, computed when asked for, and the keys of 2.x, refreshed now and then.
// Spec corosync-conf.md sections 12.2 and 13.

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/cmap/map.hpp"
#include "engine/cmap/statistics.hpp"
#include "engine/ipc/server.hpp"
#include "totem/pg/process_groups.hpp"
#include "totem/srp/statistics.hpp"

namespace engine {

struct ScheduleMiss {
    std::uint64_t timestamp = 0;  // ms since 1970
    float delay = 0;              // ms
};

class StatsMap final : public cmap::Statistics {
public:
    struct Sources {
        std::function<totem::srp::Statistics()> ring;
        std::function<totem::pg::PgStatistics()> groups;
        std::function<std::uint64_t()> sendmsg_failures;     // in a row
        std::function<std::vector<bool>()> faulty_networks;  // by ring number
        std::function<void()> clear_ring;
    };
    explicit StatsMap(Sources sources) : sources_(std::move(sources)) {}
    // Its clients are shown from now on; null before it goes.
    void attach(ipc::Server* server) { server_ = server; }

    // cmap::Statistics
    std::optional<cmap::Value> get(std::string_view key) const override;
    std::vector<Entry> list(std::string_view prefix) const override;
    bool clear(std::string_view key) override;

    // The keys a connection has.
    std::vector<Entry> entries_of(const ipc::ConnectionInfo& connection) const;
    void schedule_missed(ScheduleMiss miss);
    // Why no ring can be formed, if it seems so (section 12.2).
    std::optional<std::string_view> network_fault() const;

    // What the map is made of, without the prefixes.
    using Values = std::vector<std::pair<std::string, cmap::Value>>;
    Values ring_values() const;
    Values group_values() const;
    static Values connection_values(const ipc::ConnectionInfo& connection);
    // How often and how long altogether we were not scheduled, since the start.
    struct Misses {
        std::uint64_t count = 0;
        double seconds = 0;
    };
    Misses misses() const { return all_misses_; }

    // 2.x: writes everything below runtime.totem.pg. and runtime.connections.
    void publish_v2(cmap::Map& map) const;
    // 2.x: the last time we were not scheduled.
    void publish_miss_v2(cmap::Map& map) const;

private:
    Values all() const;
    std::optional<cmap::Value> connection_value(std::string_view key) const;

    Sources sources_;
    ipc::Server* server_ = nullptr;
    std::deque<ScheduleMiss> misses_;  // newest first
    Misses all_misses_;
};

}  // namespace engine
