#pragma once
// The configuration in force while the daemon runs: a reload of the files, and what clients change in the
// map, take effect here. Spec corosync-conf.md section 11.
//
// Votequorum reads its keys by itself (quorum_provider.hpp), as programs outside do: it goes by
// config.totemconfig_reload_in_progress.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cmap/map.hpp"
#include "engine/config/cluster_config.hpp"
#include "engine/config/host.hpp"
#include "engine/config/reload.hpp"
#include "engine/daemon/log_sink.hpp"

namespace engine {

class LiveConfig {
public:
    struct Hooks {
        // Timers, constants or members changed: `now` is in force from here on.
        std::function<void(const config::ClusterConfig& before, const config::ClusterConfig& now)> totem_changed;
        std::function<void(std::optional<std::uint64_t>)> version_changed;
        // Of every reload, as what could not be served before may now be.
        std::function<void(const std::optional<metrics::Endpoint>&)> metrics_changed = {};
        // Sets logging up from the map; the reason if that fails. May be empty.
        std::function<std::optional<std::string>()> configure_logging;
        std::function<void()> dump_state, force_gather;
    };

    // `path`: the file to read again; without one a reload is refused. All references must outlive this.
    LiveConfig(LogSink& log, std::shared_ptr<cmap::Map> map, config::ClusterConfig config, std::string path,
               const config::Host& host, Hooks hooks);
    ~LiveConfig();
    LiveConfig(const LiveConfig&) = delete;
    LiveConfig& operator=(const LiveConfig&) = delete;

    enum class Outcome : std::uint8_t { done, not_parsed, not_valid };
    // Carries out a reload. After any failure everything is as it was.
    Outcome reload();

    const config::ClusterConfig& config() const { return config_; }

private:
    void publish_switches();
    void watch(std::string_view keys, cmap::Scope scope, void (LiveConfig::*react)(const cmap::Change&));
    void on_totem(const cmap::Change& change);
    void on_nodelist(const cmap::Change& change);
    void on_logging(const cmap::Change& change);
    void on_dump_flight_data(const cmap::Change& change);
    void on_dump_state(const cmap::Change& change);
    void on_force_gather(const cmap::Change& change);

    void begin_reload();
    void end_reload();
    void set_status(config::ReloadStatus status);
    void take_over(config::Reload reload);
    void install(config::ClusterConfig next);
    void set_up_logging();

    LogSink& log_;
    std::shared_ptr<cmap::Map> map_;
    config::ClusterConfig config_;
    const std::string path_;
    const config::Host& host_;
    Hooks hooks_;
    std::vector<cmap::Map::TrackerId> trackers_;
    bool reloading_ = false;
};

}  // namespace engine
