#include "engine/daemon/quorum_provider.hpp"

#include <optional>
#include <stdexcept>
#include <system_error>

#include "engine/config/quorum.hpp"
#include "engine/config/reload.hpp"
#include "engine/daemon/say.hpp"

namespace engine {
namespace {

constexpr char kCancelKey[] = "quorum.cancel_wait_for_all";

LogLevel log_level(vote::Level level) {
    switch (level) {
        case vote::Level::critical:
            return LogLevel::crit;
        case vote::Level::warning:
            return LogLevel::warning;
        case vote::Level::notice:
            return LogLevel::notice;
        case vote::Level::info:
            return LogLevel::info;
        case vote::Level::debug:
            break;
    }
    return LogLevel::debug;
}

why::Evidence of_reconfigure(NodeId sender, const vote::Reconfigure& change) {
    switch (change.param) {
        case vote::Reconfigure::expected_votes:
            return {.kind = why::EvidenceKind::expected_votes_set, .node = sender, .count = change.value};
        case vote::Reconfigure::node_votes:
            return {.kind = why::EvidenceKind::node_votes_set,
                    .node = sender,
                    .nodes = {change.node},
                    .count = change.value};
        default:
            return {.kind = why::EvidenceKind::wait_for_all_cancelled, .node = sender};
    }
}

// What an administrator or a device had somebody say; nothing if the message is no news.
std::optional<why::Evidence> vote_evidence(NodeId sender, const vote::Message& message, const vote::Machine& machine) {
    if (const auto* change = std::get_if<vote::Reconfigure>(&message)) return of_reconfigure(sender, *change);
    if (const auto* device = std::get_if<vote::DeviceOperation>(&message)) {
        const bool registers = device->operation == vote::DeviceOperation::register_;
        return why::Evidence{
            .kind = why::EvidenceKind::device_operation,
            .node = sender,
            .detail = fmt::format("quorum device {} {}", device->name, registers ? "registers" : "unregisters")};
    }
    const auto* info = std::get_if<vote::NodeInfo>(&message);
    if (info == nullptr || info->node != sender) return std::nullopt;
    const auto known = machine.nodes().find(sender);
    if (known == machine.nodes().end() ||
        (known->second.votes == info->votes && known->second.expected_votes == info->expected_votes)) {
        return std::nullopt;
    }
    return why::Evidence{.kind = why::EvidenceKind::votes_announced,
                         .node = sender,
                         .count = info->votes,
                         .detail = fmt::format("{} votes, {} expected", info->votes, info->expected_votes)};
}

[[noreturn]] void refuse(LogSink& log, const std::string& provider, const std::string& reason) {
    say(log, LogLevel::error, kQuorum, "Quorum provider: {} failed to initialize.", provider);
    throw std::runtime_error(fmt::format("Service engine 'corosync_quorum' failed to load for reason '{}'", reason));
}

}  // namespace

QuorumProvider::QuorumProvider(const DaemonSetup& setup, ExecSender& sender, votequorum::QuorumSink& sink,
                               why::Recorder& changes)
    : log_(setup.log),
      changes_(changes),
      dialect_(setup.config.dialect),
      map_(setup.map),
      tracking_(setup.config.state_dir) {
    vote::Reading reading = vote::read(setup.config.quorum.keys);
    if (reading.failure) refuse(log_, setup.config.quorum.provider, *reading.failure);
    std::uint32_t barrier = 0;
    if (reading.settings.expected_votes_tracking) {
        try {
            barrier = tracking_.load();
        } catch (const std::system_error& error) {
            say(log_, LogLevel::error, kVoteq, "{}", error.what());
            refuse(log_, setup.config.quorum.provider, "Unable to load ev_tracking file!");
        }
    }
    votequorum::VotequorumHost& host = *this;
    service_ = std::make_unique<votequorum::VotequorumService>(sender, sink, host, std::move(reading), barrier);
    frontend_ = std::make_unique<ipc::VotequorumFrontend>(*service_);
    config::make_quorum_read_only(*map_);
    watch("nodelist.", cmap::Scope::prefix);
    watch("quorum.", cmap::Scope::prefix);
    watch(config::reload_key::kTotemInProgress, cmap::Scope::exact);
}

QuorumProvider::~QuorumProvider() {
    for (const auto id : trackers_)
        map_->untrack(id);
}

// --- configuration at run time ---

void QuorumProvider::watch(std::string_view keys, cmap::Scope scope) {
    trackers_.push_back(
        map_->track(keys, scope, cmap::track::kAll, [this](const cmap::Change& change) { key_changed(change); }));
}

void QuorumProvider::key_changed(const cmap::Change& change) {
    if (map_->get_number<std::uint8_t>(config::reload_key::kTotemInProgress).value_or(0) != 0) return;
    if (change.key == config::reload_key::kTotemInProgress && dialect_ == totem::Dialect::v3 &&
        map_->get_number<std::int32_t>(config::reload_key::kStatus) !=
            static_cast<std::int32_t>(config::ReloadStatus::ok)) {
        return;
    }
    if (change.key == kCancelKey) {
        const auto* value = change.now == nullptr ? nullptr : change.now->get_if<std::uint8_t>();
        if (value == nullptr || *value == 0) return;
        map_->set(kCancelKey, std::uint8_t{0});
        return service_->cancel_wait_for_all();
    }
    changes_.note_vote({.kind = why::EvidenceKind::keys_changed});
    service_->configure(config::quorum_keys(*map_, dialect_));
}

// --- what the service needs ---

totem::Instant QuorumProvider::now() {
    return std::chrono::steady_clock::now();
}

void QuorumProvider::store_tracking_barrier(std::uint32_t barrier) {
    try {
        tracking_.store(barrier);
    } catch (const std::system_error& error) {
        say(log_, LogLevel::warning, kVoteq, "Unable to update ev_tracking_barrier on disk data!!! {}", error.what());
    }
}

void QuorumProvider::publish(const vote::Published& values) {
    const auto set = [this](const char* name, const auto& value) {
        map_->set(fmt::format("runtime.votequorum.{}", name), value);
    };
    const auto set_known = [&](const char* name, const auto& value) {
        if (value) set(name, *value);
    };
    set("this_node_id", values.this_node_id);
    set("two_node", values.two_node);
    set("ev_barrier", values.ev_barrier);
    set_known("ev_tracking_barrier", values.ev_tracking_barrier);
    set_known("wait_for_all_status", values.wait_for_all_status);
    set_known("lowest_node_id", values.lowest_node_id);
    set_known("highest_node_id", values.highest_node_id);
    set_known("atb_type", values.atb_type);
    set_known("qdevice_can_operate", values.qdevice_can_operate);
    set_known("qdevice_master_wins", values.qdevice_master_wins);
}

void QuorumProvider::numbers(const votequorum::Numbers& now) {
    const auto device = [&now](vote::Flag flag) { return (now.device_flags & flag) != 0; };
    changes_.votes({.quorate = now.quorate,
                    .votes = now.votes,
                    .expected = now.expected,
                    .quorum = now.quorum,
                    .waiting_for_all = now.waiting_for_all,
                    .device_registered = device(vote::kDeviceRegistered),
                    .device_alive = device(vote::kDeviceAlive),
                    .device_casts = device(vote::kDeviceCastVote)});
}

void QuorumProvider::heard(NodeId sender, const vote::Message& message) {
    if (auto item = vote_evidence(sender, message, service_->machine())) changes_.note_vote(std::move(*item));
}

bool QuorumProvider::wants(vote::Level level) const {
    return log_.wanted(log_level(level), kVoteq);
}

void QuorumProvider::log(vote::Level level, std::string_view text) {
    log_.write(log_level(level), kVoteq, text);
}

}  // namespace engine
