#pragma once
// What a node tells to Prometheus: the numbers of the statistics map and what else an administrator watches.

#include <functional>
#include <string>

#include "engine/config/cluster_config.hpp"
#include "engine/daemon/stats_map.hpp"
#include "engine/ipc/server.hpp"
#include "engine/metrics/exposition.hpp"
#include "engine/metrics/listener.hpp"
#include "engine/services/cpg/cpg_service.hpp"
#include "engine/services/quorum/quorum_service.hpp"
#include "engine/services/votequorum/votequorum_service.hpp"
#include "totem/net/counters.hpp"
#include "totem/stack/stack.hpp"

namespace engine {

class MetricsPage {
public:
    struct Sources {
        std::string version;
        std::string cluster_name;
        totem::Stack& stack;
        const StatsMap& statistics;
        std::function<totem::net::Counters()> net;
        const cpg::CpgService& cpg;
        const quorum::QuorumService& quorum;
        std::function<const votequorum::VotequorumService*()> votequorum;  // null if there is none
        std::function<const ipc::Server*()> server;                        // null if there is none
        const metrics::ListenerCounters& listener;
    };
    // What the sources refer to must outlive the page.
    explicit MetricsPage(Sources sources) : sources_(std::move(sources)) {}

    std::string make() const;

private:
    void write_node(metrics::Exposition& page) const;
    void write_ring(metrics::Exposition& page) const;
    void write_rotation(metrics::Exposition& page, const totem::srp::RotationHistogram& rotation) const;
    void write_groups(metrics::Exposition& page) const;
    void write_net(metrics::Exposition& page) const;
    void write_quorum(metrics::Exposition& page) const;
    void write_clients(metrics::Exposition& page) const;
    void write_process(metrics::Exposition& page) const;

    Sources sources_;
};

}  // namespace engine
