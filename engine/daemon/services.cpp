#include "engine/daemon/services.hpp"

#include <algorithm>
#include <vector>

#include "engine/daemon/key_exchange.hpp"
#include "engine/daemon/metrics_page.hpp"
#include "engine/daemon/metrics_service.hpp"
#include "engine/daemon/quorum_provider.hpp"
#include "engine/daemon/say.hpp"
#include "engine/daemon/service_events.hpp"
#include "engine/ipc/access.hpp"
#include "engine/ipc/cpg_frontend.hpp"
#include "engine/ipc/quorum_frontend.hpp"
#include "engine/ipc/server.hpp"
#include "engine/ipc/stack_gate.hpp"
#include "engine/services/cpg/cpg_service.hpp"
#include "engine/services/pload/pload_service.hpp"

namespace engine {
namespace {

ipc::Transport ipc_transport(const std::string& name) {
    if (name == "shm") return ipc::Transport::shm;
    return name == "socket" ? ipc::Transport::socket : ipc::Transport::native;
}

std::optional<std::uint64_t> config_version(const config::ClusterConfig& config) {
    return config.config_version != 0 ? std::optional(config.config_version) : std::nullopt;
}

}  // namespace

struct Services::Impl {
    Impl(boost::asio::io_context& io, const DaemonSetup& setup, totem::Stack& stack, const totem::Identity& self,
         why::Recorder& recorder, Hooks hooks)
        : log(setup.log),
          changes(recorder),
          executive(stack, setup.config.dialect, totem::kNativeOrder, self.nodeid),
          events(setup.log, setup.config.dialect, self.nodeid, orders(std::move(hooks.exit))),
          cmap(executive, events, config_version(setup.config)),
          cfg(executive, events, hooks.keys != nullptr),
          cpg(executive, cpg_frontend),
          quorum(setup.config.dialect, !setup.config.quorum.provider.empty(), events),
          quorum_frontend(quorum),
          key_ring(hooks.keys),
          keys(exchange(io, setup, hooks, self.nodeid)),
          gate(stack, {.enter = std::move(hooks.before_clients),
                       .leave = std::move(hooks.after_clients),
                       .bursts = std::move(hooks.client_bursts)}),
          administration(io, setup, stack, gate, executive, cmap, cfg, administration_hooks(hooks)),
          metrics_page(metrics_sources(setup, stack, std::move(hooks.administration.net_counters))),
          metrics(
              io, setup.log, [this] { return metrics_page.make(); }, metrics_counters) {
        executive.on_unknown_function([this](std::uint32_t function, std::uint32_t service, std::uint32_t count) {
            say(log, LogLevel::warning, kServ, "discarded unknown message {} for service {} (max id {})", function,
                service, count);
        });
        cpg_frontend.attach(cpg, executive);
        for (Service* service : std::initializer_list<Service*>{&cmap, &cfg, &cpg, &pload})
            load(*service);
        if (!setup.config.quorum.provider.empty()) load_votequorum(setup);
        load(quorum);
        if (setup.serve_clients) serve(io, setup);
        metrics.serve(setup.config.metrics_listen);
    }

    std::unique_ptr<KeyExchange> exchange(boost::asio::io_context& io, const DaemonSetup& setup, const Hooks& hooks,
                                          totem::NodeId self) {
        if (!key_ring) return nullptr;
        return std::make_unique<KeyExchange>(
            KeyExchange::Parts{io, log, *key_ring, cfg, self, hooks.before_clients, hooks.after_clients}, setup.config);
    }

    AdministrationHooks administration_hooks(const Hooks& hooks) {
        AdministrationHooks out = hooks.administration;
        out.totem_changed = [this, changed = std::move(out.totem_changed)](const auto& before, const auto& now) {
            if (keys) keys->configured(now);
            if (changed) changed(before, now);
        };
        out.metrics_changed = [this](const auto& endpoint) { metrics.serve(endpoint); };
        return out;
    }

    MetricsPage::Sources metrics_sources(const DaemonSetup& setup, totem::Stack& stack,
                                         std::function<totem::net::Counters()> net) {
        return {.version = setup.version,
                .cluster_name = setup.config.cluster_name,
                .stack = stack,
                .statistics = administration.statistics(),
                .net = std::move(net),
                .cpg = cpg,
                .quorum = quorum,
                .votequorum = [this] { return votequorum ? &votequorum->service() : nullptr; },
                .server = [this] { return server.get(); },
                .listener = metrics_counters};
    }

    ServiceEvents::Orders orders(std::function<void(int)> exit) {
        return {.exit = std::move(exit),
                .reload =
                    [this](std::uint64_t token) {
                        if (keys) keys->reload_begins();
                        administration.reload(token);
                        if (keys) keys->reload_ended();
                    },
                .rings_reenabled = [this](std::uint64_t token) { administration.rings_reenabled(token); },
                .key_message =
                    [this](NodeId by, const cfg::KeyMessage& message) {
                        if (keys) keys->message(by, message);
                    },
                .member_version =
                    [this](NodeId node, std::uint64_t version) { administration.member_config_version(node, version); },
                .evidence = [this](why::Evidence evidence) { changes.note(std::move(evidence)); }};
    }

    void load(Service& service) {
        executive.add(service);
        administration.service_loaded(service);
        loaded.push_back(&service);
        say(log, LogLevel::notice, kServ, "Service engine loaded: {} [{}]", service.name(), service.id());
    }

    void load_votequorum(const DaemonSetup& setup) {
        say(log, LogLevel::notice, kQuorum, "Using quorum provider {}", setup.config.quorum.provider);
        votequorum.emplace(setup, executive, quorum, changes);
        load(votequorum->service());
    }

    void serve(boost::asio::io_context& io, const DaemonSetup& setup) {
        ipc::ServerConfig config;
        config.transport = ipc_transport(setup.config.ipc_type);
        config.gather_requests = setup.config.fast_paths.gather_requests;
        auto allowed = [map = setup.map](uid_t uid, gid_t gid) { return ipc::may_connect(*map, uid, gid); };
        server = std::make_unique<ipc::Server>(io, gate, std::move(allowed), config);
        server->add(administration.cmap_frontend());
        server->add(administration.cfg_frontend());
        server->add(cpg_frontend);
        if (votequorum) server->add(votequorum->frontend());
        server->add(quorum_frontend);
        administration.watch(*server);
        server->start();
    }

    LogSink& log;
    why::Recorder& changes;
    Executive executive;
    ServiceEvents events;
    cmap::ConfigVersionService cmap;
    cfg::CfgService cfg;
    ipc::CpgFrontend cpg_frontend;
    cpg::CpgService cpg;
    pload::PloadService pload;
    quorum::QuorumService quorum;
    ipc::QuorumFrontend quorum_frontend;
    std::optional<QuorumProvider> votequorum;
    std::shared_ptr<totem::crypto::KeyRing> key_ring;
    std::unique_ptr<KeyExchange> keys;  // null without native packet protection
    ipc::StackGate gate;
    Administration administration;
    std::vector<Service*> loaded;
    std::unique_ptr<ipc::Server> server;  // clients go before what serves them
    metrics::ListenerCounters metrics_counters;
    MetricsPage metrics_page;
    MetricsService metrics;  // last: its page looks at all the others
};

Services::Services(boost::asio::io_context& io, const DaemonSetup& setup, totem::Stack& stack,
                   const totem::Identity& self, why::Recorder& changes, Hooks hooks)
    : impl_(std::make_unique<Impl>(io, setup, stack, self, changes, std::move(hooks))) {}

Services::~Services() = default;

void Services::start() {
    if (impl_->votequorum) impl_->votequorum->service().start();
}

void Services::before_token() {
    if (impl_->server) impl_->server->before_token();
}

void Services::after_token() {
    if (impl_->server) impl_->server->after_token();
}

totem::Instant Services::next_timeout() const {
    return impl_->votequorum ? impl_->votequorum->service().next_timeout() : totem::kNever;
}

void Services::on_timeout() {
    if (impl_->votequorum) impl_->votequorum->service().on_timeout();
}

void Services::configuration(const totem::srp::Configuration& change) {
    if (impl_->keys) impl_->keys->configuration(change);
    impl_->administration.configuration(change);
}

void Services::sync_started() {
    if (impl_->server) impl_->server->sync_started();
}

void Services::sync_completed() {
    if (impl_->keys) impl_->keys->synchronized();
    if (impl_->server) impl_->server->sync_completed();
}

void Services::unload() {
    say(impl_->log, LogLevel::notice, kServ, "Unloading all Corosync service engines.");
    impl_->metrics.serve(std::nullopt);
    if (impl_->server) impl_->server->stop();
    if (impl_->votequorum) impl_->votequorum->service().leave();
    // Votequorum has the lower priority and goes first, the others by id.
    std::stable_sort(impl_->loaded.begin(), impl_->loaded.end(), [](const Service* a, const Service* b) {
        bool first = a->id() == kVotequorumService, second = b->id() == kVotequorumService;
        return first != second ? first : a->id() < b->id();
    });
    for (const Service* service : impl_->loaded) {
        say(impl_->log, LogLevel::notice, kServ, "Service engine unloaded: {}", service->name());
    }
    impl_->loaded.clear();
}

Executive& Services::executive() {
    return impl_->executive;
}

void Services::dump(LogSink& log) const {
    for (const cpg::Process& process : impl_->cpg.snapshot(3, {})) {
        say(log, LogLevel::info, kCpg, "group {} has process {} of node {}", process.group.bytes, process.pid,
            process.node);
    }
    if (!impl_->server) return;
    for (const ipc::ConnectionInfo& client : impl_->server->connections()) {
        say(log, LogLevel::info, kMain, "client {} (pid {}) of service {}: {} requests, {} events waiting",
            client.process_name, client.pid, client.service, client.stats.requests, client.stats.queued);
    }
}

}  // namespace engine
