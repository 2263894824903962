#pragma once
// What an administrator sees of a running node and does to it: the map and its statistics, CFG, reloads.
// Puts live_config, runtime_keys, stats_map and cfg_node together and serves them to clients.

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>

#include "engine/config/cluster_config.hpp"
#include "engine/daemon/daemon.hpp"
#include "engine/daemon/stats_map.hpp"
#include "engine/exec/executive.hpp"
#include "engine/ipc/gate.hpp"
#include "engine/ipc/server.hpp"
#include "engine/services/cfg/cfg_service.hpp"
#include "engine/services/cmap/config_version_service.hpp"
#include "totem/net/counters.hpp"
#include "totem/stack/stack.hpp"

namespace engine {

// What the owner of transport and ring does and tells.
struct AdministrationHooks {
    // Timers, constants or members in force changed.
    std::function<void(const config::ClusterConfig& before, const config::ClusterConfig& now)> totem_changed;
    std::function<totem::net::Counters()> net_counters;
    // Where metrics are to be served, after each reload.
    std::function<void(const std::optional<metrics::Endpoint>&)> metrics_changed = {};
    std::function<void()> dump_state;
    // The process did not run for so long, up to now.
    std::function<void(totem::Duration)> not_scheduled = {};
    std::uint32_t mtu = 0;  // of a packet, what is left for messages
};

class Administration {
public:
    // All references must outlive this object.
    Administration(boost::asio::io_context& io, const DaemonSetup& setup, totem::Stack& stack, ipc::Gate& gate,
                   Executive& executive, cmap::ConfigVersionService& versions, cfg::CfgService& cfg,
                   AdministrationHooks hooks);
    ~Administration();
    Administration(const Administration&) = delete;
    Administration& operator=(const Administration&) = delete;

    ipc::ServiceFrontend& cmap_frontend();
    ipc::ServiceFrontend& cfg_frontend();
    // The server whose clients the statistics show, before it starts; it must not be used after stop().
    void watch(ipc::Server& server);

    const StatsMap& statistics() const;

    void service_loaded(const Service& service);
    void configuration(const totem::srp::Configuration& change);
    void member_config_version(NodeId node, std::uint64_t version);
    // A reload message arrived; `token` names the client of ours that waits, 0 if there is none.
    void reload(std::uint64_t token);
    void rings_reenabled(std::uint64_t token);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace engine
