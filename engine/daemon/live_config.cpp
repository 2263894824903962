#include "engine/daemon/live_config.hpp"

#include <utility>

#include "engine/config/build.hpp"
#include "engine/config/publish.hpp"
#include "engine/config/rrp.hpp"
#include "engine/config/scalars.hpp"
#include "engine/daemon/say.hpp"

namespace engine {

using config::ReloadStatus;
using totem::Dialect;
namespace reload_key = config::reload_key;

namespace {

constexpr char kForceGather[] = "runtime.force_gather";

// The key's value as a switch of the configuration: "no" is its resting state.
bool asked_for(const cmap::Change& change) {
    const auto* text = change.now == nullptr ? nullptr : change.now->get_if<std::string>();
    return change.now != nullptr && (text == nullptr || *text != "no");
}

}  // namespace

LiveConfig::LiveConfig(LogSink& log, std::shared_ptr<cmap::Map> map, config::ClusterConfig config, std::string path,
                       const config::Host& host, Hooks hooks)
    : log_(log),
      map_(std::move(map)),
      config_(std::move(config)),
      path_(std::move(path)),
      host_(host),
      hooks_(std::move(hooks)) {
    publish_switches();
    watch("totem.", cmap::Scope::prefix, &LiveConfig::on_totem);
    watch("logging.", cmap::Scope::prefix, &LiveConfig::on_logging);
    watch("runtime.blackbox.dump_flight_data", cmap::Scope::exact, &LiveConfig::on_dump_flight_data);
    watch("runtime.blackbox.dump_state", cmap::Scope::exact, &LiveConfig::on_dump_state);
    if (config_.dialect == Dialect::v3) {
        watch(kForceGather, cmap::Scope::exact, &LiveConfig::on_force_gather);
    } else {
        watch("nodelist.node.", cmap::Scope::prefix, &LiveConfig::on_nodelist);
    }
}

LiveConfig::~LiveConfig() {
    for (const auto id : trackers_)
        map_->untrack(id);
}

// Section 12.1: what clients write to, and the flag 2.4 has from the start.
void LiveConfig::publish_switches() {
    map_->set("runtime.blackbox.dump_flight_data", "no");
    map_->set("runtime.blackbox.dump_state", "no");
    if (config_.dialect == Dialect::v3) {
        map_->set(kForceGather, "no");
    } else {
        map_->set(reload_key::kTotemInProgress, std::uint8_t{0});
        for (const config::Interface& interface : config_.interfaces)
            map_->set(fmt::format("runtime.totem.pg.mrp.rrp.{}.faulty", interface.ring), std::uint8_t{0});
    }
}

void LiveConfig::watch(std::string_view keys, cmap::Scope scope, void (LiveConfig::*react)(const cmap::Change&)) {
    auto unless_reloading = [this, react](const cmap::Change& change) {
        if (!reloading_) (this->*react)(change);
    };
    trackers_.push_back(map_->track(keys, scope, cmap::track::kAll, std::move(unless_reloading)));
}

// --- single keys (section 11.2) ---

void LiveConfig::on_totem(const cmap::Change& change) {
    if (change.key == "totem.config_version") {
        config_.config_version = map_->get_number<std::uint64_t>(change.key).value_or(0);
        if (hooks_.version_changed) hooks_.version_changed(map_->get_number<std::uint64_t>(change.key));
        return;
    }
    config::ClusterConfig next = config_;
    next.settings = config::read_settings(*map_);
    next.parameters = totem::srp::derive(next.settings, next.dialect, config::scaling_members(next));
    next.block_unlisted_ips = map_->get_string("totem.block_unlisted_ips") != "no";
    next.rrp_parameters = config::read_rrp_parameters(*map_, next.parameters.token_retransmit);
    auto text = totem::srp::violation(next.parameters, next.settings, next.dialect);
    if (!text && next.dialect == Dialect::v2) text = config::rrp_violation(next.rrp_parameters);
    if (text) {
        say(log_, LogLevel::error, kTotem, "{}", *text);
        return;
    }
    install(std::move(next));
}

// 2.4 only: in 3.1 clients may not write the list. A node is added key by key, so what is not complete yet
// is no error.
void LiveConfig::on_nodelist(const cmap::Change& change) {
    if (change.key.find(".ring") == std::string::npos) return;
    cmap::Map copy;
    map_->for_each("", [&copy](const std::string& key, const cmap::Value& value) { copy.set(key, value); });
    try {
        std::vector<std::string> warnings;
        install(config::build(copy, config_.dialect, host_, warnings));
    } catch (const config::Error& error) {
        say(log_, LogLevel::debug, kTotem, "{} does not change the members: {}", change.key, error.what());
    }
}

void LiveConfig::on_logging(const cmap::Change&) {
    set_up_logging();
}

void LiveConfig::set_up_logging() {
    if (!hooks_.configure_logging) return;
    if (const auto error = hooks_.configure_logging()) say(log_, LogLevel::error, kMain, "{}", *error);
}

void LiveConfig::on_dump_flight_data(const cmap::Change& change) {
    if (asked_for(change))
        say(log_, LogLevel::notice, kMain, "There is no flight data to dump: totemd keeps no black box");
}

void LiveConfig::on_dump_state(const cmap::Change& change) {
    if (asked_for(change) && hooks_.dump_state) hooks_.dump_state();
}

void LiveConfig::on_force_gather(const cmap::Change& change) {
    if (!asked_for(change)) return;
    map_->set(kForceGather, "no");
    if (hooks_.force_gather) hooks_.force_gather();
}

void LiveConfig::install(config::ClusterConfig next) {
    const config::ClusterConfig before = std::exchange(config_, std::move(next));
    config::publish_parameters(config_, *map_);
    if (hooks_.totem_changed) hooks_.totem_changed(before, config_);
}

// --- reload (section 11.3) ---

// 3.1 raises totem's flag first and reads the file then; 2.4 has totem follow the other flag.
void LiveConfig::begin_reload() {
    reloading_ = true;
    map_->set(reload_key::kInProgress, std::uint8_t{1});
    map_->set(reload_key::kTotemInProgress, std::uint8_t{1});
}

void LiveConfig::end_reload() {
    reloading_ = false;
    if (config_.dialect == Dialect::v2) map_->set(reload_key::kInProgress, std::uint8_t{0});
    map_->set(reload_key::kTotemInProgress, std::uint8_t{0});
    map_->set(reload_key::kInProgress, std::uint8_t{0});
}

void LiveConfig::set_status(ReloadStatus status) {
    if (config_.dialect == Dialect::v3) map_->set(reload_key::kStatus, static_cast<std::int32_t>(status));
}

LiveConfig::Outcome LiveConfig::reload() {
    if (path_.empty()) {
        say(log_, LogLevel::error, kCfg, "Unable to reload config file: it is read at start-up only");
        return Outcome::not_parsed;
    }
    if (config_.dialect == Dialect::v3) map_->set(reload_key::kTotemInProgress, std::uint8_t{1});
    config::Reload next;
    try {
        config::read_again(path_, config_.dialect, *map_, next);
    } catch (const std::exception& error) {
        say(log_, LogLevel::error, kCfg, "Unable to reload config file: {}", error.what());
        // Upstream leaves the flag up and votequorum deaf; we may do better (section 11.3).
        map_->set(reload_key::kTotemInProgress, std::uint8_t{0});
        return Outcome::not_parsed;
    }
    begin_reload();
    for (const std::string& key : next.kept)
        say(log_, LogLevel::notice, kCfg, "Modified entry '{}' in corosync.conf cannot be changed at run-time", key);
    Outcome outcome = Outcome::done;
    try {
        config::build_again(config_, host_, next);
        take_over(std::move(next));
    } catch (const std::exception& error) {
        say(log_, LogLevel::error, kCfg, "Configuration is not valid: {}", error.what());
        outcome = Outcome::not_valid;
    }
    set_status(outcome == Outcome::done ? ReloadStatus::ok : ReloadStatus::invalid);
    end_reload();
    return outcome;
}

void LiveConfig::take_over(config::Reload reload) {
    for (const std::string& warning : reload.warnings)
        say(log_, LogLevel::warning, kMain, "{}", warning);
    config::copy_to(*map_, reload, config_.dialect);
    const config::ClusterConfig before = std::exchange(config_, std::move(reload.config));
    if (hooks_.totem_changed) hooks_.totem_changed(before, config_);
    if (before.config_version != config_.config_version && hooks_.version_changed) {
        hooks_.version_changed(map_->get_number<std::uint64_t>("totem.config_version"));
    }
    set_up_logging();
    if (hooks_.metrics_changed) hooks_.metrics_changed(config_.metrics_listen);
}

}  // namespace engine
