#include "engine/daemon/administration.hpp"

#include <boost/asio/steady_timer.hpp>

#include "engine/config/host.hpp"
#include "engine/daemon/cfg_node.hpp"
#include "engine/daemon/live_config.hpp"
#include "engine/daemon/runtime_keys.hpp"
#include "engine/daemon/say.hpp"
#include "engine/daemon/schedule_watch.hpp"
#include "engine/daemon/stats_map.hpp"
#include "engine/ipc/cfg_frontend.hpp"
#include "engine/ipc/cmap_frontend.hpp"

namespace engine {

using std::chrono::steady_clock;
using totem::Dialect;

namespace {

constexpr std::chrono::milliseconds kRefresh{1500};  // of statistics, section 12.2
constexpr std::chrono::milliseconds kTellCounters{10};

double milliseconds(totem::Duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

std::uint64_t since_1970() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

std::vector<std::string> address_texts(const totem::Identity& member, const config::ClusterConfig& config) {
    std::vector<std::string> out;
    for (const totem::NodeAddress& address : addresses_of(member, config))
        out.push_back(address.text());
    return out;
}

}  // namespace

struct Administration::Impl {
    Impl(boost::asio::io_context& io, const DaemonSetup& setup, totem::Stack& node_stack, ipc::Gate& gate,
         Executive& executive, cmap::ConfigVersionService& versions, cfg::CfgService& cfg,
         AdministrationHooks administration_hooks)
        : log(setup.log),
          map(setup.map),
          stack(node_stack),
          hooks(std::move(administration_hooks)),
          config(log, map, setup.config, setup.config_path, host, live_hooks(setup, versions)),
          keys(log, map, setup.config.dialect,
               [this](const totem::Identity& member) { return address_texts(member, config.config()); }),
          stats(stats_sources()),
          node({config, *map, keys, stack.ring(), stack.redundancy(), hooks.mtu, setup.reopen_logs}),
          cmap_frontend(*map, &stats),
          cfg_frontend(io, gate, cfg, executive, node),
          schedule(setup.config.parameters.token),
          refresh_timer(io),
          schedule_timer(io),
          counter_timer(io) {
        executive.on_count([this](std::uint32_t service, std::uint32_t function, bool sent) {
            sent ? keys.sent(service, function) : keys.received(service, function);
            if (this->map->counters_to_tell() && !telling_counters) tell_counters_later();
        });
        refresh_later();
        look_later();
    }

    LiveConfig::Hooks live_hooks(const DaemonSetup& setup, cmap::ConfigVersionService& versions);
    StatsMap::Sources stats_sources();
    bool v2() const { return config.config().dialect == Dialect::v2; }

    void refresh();
    void refresh_later();
    void look();
    void look_later();
    void tell_counters_later();
    template <typename Work>
    void after(boost::asio::steady_timer& timer, steady_clock::duration delay, Work work);

    LogSink& log;
    std::shared_ptr<cmap::Map> map;
    totem::Stack& stack;
    AdministrationHooks hooks;
    const config::SystemHost host;
    LiveConfig config;
    RuntimeKeys keys;
    StatsMap stats;
    NodeAdministration node;
    ipc::CmapFrontend cmap_frontend;
    ipc::CfgFrontend cfg_frontend;
    ScheduleWatch schedule;
    bool fault_told = false, telling_counters = false;
    boost::asio::steady_timer refresh_timer, schedule_timer, counter_timer;
    std::shared_ptr<int> alive = std::make_shared<int>();
};

LiveConfig::Hooks Administration::Impl::live_hooks(const DaemonSetup& setup, cmap::ConfigVersionService& versions) {
    LiveConfig::Hooks out;
    out.totem_changed = [this](const config::ClusterConfig& before, const config::ClusterConfig& now) {
        schedule.set_token(now.parameters.token);
        if (hooks.totem_changed) hooks.totem_changed(before, now);
    };
    out.version_changed = [&versions](std::optional<std::uint64_t> version) { versions.set_config_version(version); };
    if (setup.configure_logging) {
        out.configure_logging = [this, configure = setup.configure_logging] { return configure(*map); };
    }
    out.metrics_changed = hooks.metrics_changed;
    out.dump_state = hooks.dump_state;
    out.force_gather = [this] { stack.ring().force_gather(stack.now()); };
    return out;
}

StatsMap::Sources Administration::Impl::stats_sources() {
    StatsMap::Sources out;
    out.ring = [this] { return stack.ring().statistics(steady_clock::now()); };
    out.groups = [this] { return stack.groups().statistics(); };
    out.sendmsg_failures = [this] { return hooks.net_counters ? hooks.net_counters().continuous_sendmsg_failures : 0; };
    out.faulty_networks = [this] {
        std::vector<bool> faulty;
        for (unsigned i = 0; i < stack.redundancy().networks(); ++i)
            faulty.push_back(stack.redundancy().faulty(i));
        return faulty;
    };
    out.clear_ring = [this] { stack.ring().clear_statistics(); };
    return out;
}

// --- now and then ---

template <typename Work>
void Administration::Impl::after(boost::asio::steady_timer& timer, steady_clock::duration delay, Work work) {
    timer.expires_after(delay);
    timer.async_wait([work, weak = std::weak_ptr<int>(alive)](const boost::system::error_code& cancelled) {
        if (!cancelled && !weak.expired()) work();
    });
}

void Administration::Impl::refresh_later() {
    after(refresh_timer, kRefresh, [this] {
        refresh();
        refresh_later();
    });
}

void Administration::Impl::refresh() {
    if (v2()) stats.publish_v2(*map);
    cmap_frontend.check_statistics();
    const auto fault = stats.network_fault();
    if (fault && !fault_told) {
        say(log, LogLevel::warning, kMain,
            "Totem is unable to form a cluster because of an operating system or network fault (reason: {}). The most "
            "common cause of this message is that the local firewall is configured improperly.",
            *fault);
    }
    fault_told = fault.has_value();
}

void Administration::Impl::look_later() {
    after(schedule_timer, std::chrono::duration_cast<steady_clock::duration>(schedule.interval()), [this] {
        look();
        look_later();
    });
}

void Administration::Impl::look() {
    const auto missed = schedule.look(steady_clock::now());
    if (!missed) return;
    if (hooks.not_scheduled) hooks.not_scheduled(*missed);
    const ScheduleMiss miss{since_1970(), static_cast<float>(milliseconds(*missed))};
    say(log, LogLevel::warning, kMain,
        "Corosync main process was not scheduled (@{}) for {:.4f} ms (threshold is {:.4f} ms). Consider token timeout "
        "increase.",
        miss.timestamp, milliseconds(*missed), milliseconds(schedule.threshold()));
    stats.schedule_missed(miss);
    if (v2()) stats.publish_miss_v2(*map);
}

// Trackers of the message counters would else be told of every single message, each at the cost of a few of those.
void Administration::Impl::tell_counters_later() {
    telling_counters = true;
    after(counter_timer, kTellCounters, [this] {
        telling_counters = false;
        map->tell_counters();
    });
}

// --- the face ---

Administration::Administration(boost::asio::io_context& io, const DaemonSetup& setup, totem::Stack& stack,
                               ipc::Gate& gate, Executive& executive, cmap::ConfigVersionService& versions,
                               cfg::CfgService& cfg, AdministrationHooks hooks)
    : impl_(std::make_unique<Impl>(io, setup, stack, gate, executive, versions, cfg, std::move(hooks))) {}

Administration::~Administration() = default;

ipc::ServiceFrontend& Administration::cmap_frontend() {
    return impl_->cmap_frontend;
}

ipc::ServiceFrontend& Administration::cfg_frontend() {
    return impl_->cfg_frontend;
}

void Administration::watch(ipc::Server& server) {
    impl_->stats.attach(&server);
    if (impl_->v2()) return;
    server.on_connection([this](const ipc::ConnectionInfo& connection, bool opened) {
        const auto entries = impl_->stats.entries_of(connection);
        impl_->cmap_frontend.statistics_changed(opened ? cmap::track::kAdd : cmap::track::kDelete, entries);
    });
}

const StatsMap& Administration::statistics() const {
    return impl_->stats;
}

void Administration::service_loaded(const Service& service) {
    impl_->keys.service_loaded(service);
}

void Administration::configuration(const totem::srp::Configuration& change) {
    impl_->keys.configuration(change);
}

void Administration::member_config_version(NodeId node, std::uint64_t version) {
    impl_->keys.member_config_version(node, version);
}

void Administration::reload(std::uint64_t token) {
    const bool done = impl_->config.reload() == LiveConfig::Outcome::done;
    const ipc::CsError failure = impl_->v2() ? ipc::kCsLibrary : ipc::kCsInvalidParam;
    impl_->cfg_frontend.reloaded(token, done ? ipc::kCsOk : failure);
}

void Administration::rings_reenabled(std::uint64_t token) {
    impl_->stack.redundancy().reenable();
    impl_->cfg_frontend.rings_reenabled(token);
}

}  // namespace engine
