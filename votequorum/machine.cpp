#include "votequorum/machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace vote {
namespace {

constexpr auto kRetryInterval = std::chrono::milliseconds(5);

std::string_view yes_no(std::uint32_t flags, Flag flag) {
    return (flags & flag) != 0 ? "Yes" : "No";
}

}  // namespace

Machine::Machine(NodeId self, Reading reading, std::uint32_t tracking_barrier, Effects& effects)
    : self_(self), effects_(effects), start_lines_(std::move(reading.lines)), tracking_barrier_(tracking_barrier) {
    nodes_[self_] = {NodeState::member, 1, 0, kFirst};
    apply(reading);
    if (settings_.wait_for_all) set_waiting(true);
}

void Machine::set_flag(std::uint32_t flag, bool on) {
    us().flags = on ? us().flags | flag : us().flags & ~flag;
}

// Section 2.3.
void Machine::apply(const Reading& reading) {
    settings_ = reading.settings;
    // two_node was taken away at run time, and the wait it had brought with it.
    if (!settings_.wait_for_all && settings_.wait_for_all_follows_two_node && waiting_for_all_) set_waiting(false);
    if (!reading.votes_read) return;
    us().votes = settings_.votes;
    if (settings_.listed_votes) us().expected_votes = *settings_.listed_votes;
    const std::uint32_t given = settings_.expected_votes_tracking ? tracking_barrier_ : settings_.expected_votes;
    if (given != 0) us().expected_votes = given;
    if (!settings_.device_configured) device_votes_ = 0;
    if (settings_.device_votes) device_votes_ = *settings_.device_votes;
    ev_barrier_ = us().expected_votes;
}

void Machine::start(Instant now) {
    for (const LogLine& line : std::exchange(start_lines_, {}))
        log(line.level, [&] { return line.text; });
    recalculate(false, false);
    announce(own_info(), now);
}

void Machine::leave(Instant now) {
    if (!settings_.allow_downscale) return;
    set_flag(kLeaving, true);
    announce(own_info(), now);
}

void Machine::configure(const Keys& keys, Instant now) {
    const Reading reading = reread(keys, settings_, device_registered());
    for (const LogLine& line : reading.lines)
        log(line.level, [&] { return line.text; });
    if (reading.failure) return;
    const std::uint32_t votes = us().votes, expected_votes = us().expected_votes;
    apply(reading);
    announce(own_info(), now);
    announce(device_info(), now);
    if (us().votes != votes) announce(Reconfigure{self_, us().votes, Reconfigure::node_votes}, now);
    if (us().expected_votes != expected_votes) {
        announce(Reconfigure{self_, us().expected_votes, Reconfigure::expected_votes}, now);
    }
}

void Machine::cancel_wait_for_all(Instant now) {
    announce(Reconfigure{self_, 0, Reconfigure::cancel_wait_for_all}, now);
}

// --- sending ---

NodeInfo Machine::own_info() const {
    return {self_, us().votes, us().expected_votes, us().flags};
}

NodeInfo Machine::device_info() const {
    return {0, device_votes_, 0, 0};
}

// Sends now or, without room, later, in order.
void Machine::announce(Message message, Instant now) {
    if (flush_unsent() && effects_.send(message)) return;
    const auto* info = std::get_if<NodeInfo>(&message);
    const auto* last = unsent_.empty() ? nullptr : std::get_if<NodeInfo>(&unsent_.back());
    if (info != nullptr && last != nullptr && info->node == last->node) unsent_.pop_back();
    unsent_.push_back(std::move(message));
    retry_ = now + kRetryInterval;
}

bool Machine::flush_unsent() {
    while (!unsent_.empty()) {
        if (!effects_.send(unsent_.front())) return false;
        unsent_.pop_front();
    }
    retry_ = totem::kNever;
    return true;
}

// --- messages (section 5) ---

void Machine::on_message(NodeId sender, const Message& message, Instant now) {
    if (const auto* info = std::get_if<NodeInfo>(&message)) {
        log_nodeinfo(sender, *info);
        if (info->node == 0) {
            on_device_info(sender, *info);
        } else if (info->node == sender) {
            on_nodeinfo(sender, *info);
        }
    } else if (const auto* change = std::get_if<Reconfigure>(&message)) {
        on_reconfigure(sender, *change);
    } else if (const auto* operation = std::get_if<DeviceOperation>(&message)) {
        on_device_operation(sender, *operation, now);
    } else if (const auto* rename = std::get_if<DeviceRename>(&message)) {
        on_device_rename(*rename);
    }
}

void Machine::log_nodeinfo(NodeId sender, const NodeInfo& info) {
    log(Level::debug, [&] { return fmt::format("got nodeinfo message from cluster node {}", sender); });
    log(Level::debug, [&] {
        return fmt::format("nodeinfo message[{}]: votes: {}, expected: {} flags: {}", info.node, info.votes,
                           info.expected_votes, info.flags);
    });
    if (info.node == 0) return;
    log(Level::debug, [&] {
        return fmt::format(
            "flags: quorate: {} Leaving: {} WFA Status: {} First: {} Qdevice: {} QdeviceAlive: {} QdeviceCastVote: {} "
            "QdeviceMasterWins: {}",
            yes_no(info.flags, kQuorate), yes_no(info.flags, kLeaving), yes_no(info.flags, kWaitingForAll),
            yes_no(info.flags, kFirst), yes_no(info.flags, kDeviceRegistered), yes_no(info.flags, kDeviceAlive),
            yes_no(info.flags, kDeviceCastVote), yes_no(info.flags, kDeviceMasterWins));
    });
}

void Machine::on_nodeinfo(NodeId sender, const NodeInfo& info) {
    const auto [at, fresh] = nodes_.try_emplace(sender);
    NodeRecord& record = at->second;
    const NodeRecord before = record;
    const bool message_quorate = (info.flags & kQuorate) != 0;
    record.flags = info.flags;
    record.votes = info.votes;
    record.state = NodeState::member;
    bool allow_decrease = false, by_nodes = false;
    if (info.flags & kLeaving) {
        record.state = NodeState::leaving;
        allow_decrease = by_nodes = true;
    }
    if (!quorate_ && message_quorate) {
        allow_decrease = true;
        us().expected_votes = info.expected_votes;
    }
    // The opinion of an inquorate node is replaced by ours.
    const bool heed = message_quorate || settings_.expected_votes_tracking;
    record.expected_votes = heed ? info.expected_votes : us().expected_votes;
    if (settings_.last_man_standing && record.votes > 1) {
        log(Level::warning,
            [&] { return fmt::format("last_man_standing is disabled: node {} has {} votes", sender, record.votes); });
        settings_.last_man_standing = false;
        window_end_ = totem::kNever;
    }
    if (fresh || sender == self_ || (record.flags & kFirst) || record != before) {
        recalculate(allow_decrease, by_nodes);
    }
    if (settings_.wait_for_all && (info.flags & kQuorate) && !(info.flags & kWaitingForAll)) set_waiting(false);
}

void Machine::on_reconfigure(NodeId sender, const Reconfigure& change) {
    log(Level::debug,
        [&] { return fmt::format("got reconfigure message from cluster node {} for {}", sender, change.node); });
    switch (change.param) {
        case Reconfigure::expected_votes:
            for (auto& [id, record] : nodes_) {
                if (record.state == NodeState::member && change.value != 0) record.expected_votes = change.value;
            }
            effects_.expected_votes_changed(us().expected_votes);
            ev_barrier_ = change.value;
            if (settings_.expected_votes_tracking) {
                us().expected_votes = std::max(us().expected_votes, tracking_barrier_);
            }
            return recalculate(true, false);
        case Reconfigure::node_votes:
            if (const auto found = nodes_.find(change.node); found != nodes_.end()) {
                found->second.votes = change.value;
                recalculate(true, false);
            }
            return;
        case Reconfigure::cancel_wait_for_all:
            if (settings_.wait_for_all) set_waiting(false);
            log(Level::info, [&] { return fmt::format("wait_for_all_status reset by user on node {}.", sender); });
            return recalculate(false, false);
        default:
            return;
    }
}

// --- synchronisation (section 6.1) ---

void Machine::sync_init(std::span<const NodeId> members, const RingId& ring, Instant now) {
    syncing_ = true;
    sent_ = 0;
    awaiting_device_ = false;
    if (members.size() > 1) set_flag(kFirst, false);
    bool left = false;
    for (const NodeId node : members_) {
        if (contains(members, node)) continue;
        left = true;
        if (const auto found = nodes_.find(node); found != nodes_.end()) found->second.state = NodeState::dead;
    }
    previous_ = std::move(members_);
    members_.assign(members.begin(), members.end());
    ring_ = ring;
    if (settings_.last_man_standing) {
        // Quirk Q7: the lowest node id, whatever the tie breaker looks at.
        const bool lowest_here = lowest_ && contains(counted(), *lowest_);
        const bool tie_breaker = settings_.tie_breaker.type != TieBreaker::Type::none;
        if ((members.size() >= quorum_ && left) || (members.size() <= quorum_ && tie_breaker && lowest_here)) {
            window_end_ = now + settings_.last_man_standing_window;
        }
    }
    await_device(now);
}

bool Machine::sync_process() {
    constexpr int kAllSent = 4;
    if (!flush_unsent()) return false;
    if (sent_ == 0 && effects_.send(own_info())) sent_ = 1;
    if (sent_ == 1 && effects_.send(device_info())) sent_ = 2;
    if (sent_ == 2 &&
        (device_name_.empty() || effects_.send(DeviceOperation{DeviceOperation::register_, device_name_}))) {
        sent_ = 3;
    }
    if (sent_ == 3) {
        effects_.nodelist(ring_, members_);
        sent_ = kAllSent;
    }
    return sent_ == kAllSent && !(device_registered() && awaiting_device_);
}

void Machine::sync_activate() {
    recalculate(false, false);
    syncing_ = false;
    effects_.verdict();
}

// --- timers (section 6.3) ---

Instant Machine::next_timeout() const {
    return std::min({window_end_, device_deadline_, retry_});
}

void Machine::on_timeout(Instant now) {
    if (now >= window_end_) {
        window_end_ = totem::kNever;
        if (quorate_) recalculate(true, true);
    }
    if (now >= device_deadline_) {
        device_deadline_ = totem::kNever;
        lose_device(now);
    }
    if (now >= retry_ && !flush_unsent()) retry_ = now + kRetryInterval;
}

Published Machine::published() const {
    const auto optional_byte = [](bool there, bool value) {
        return there ? std::optional(static_cast<std::uint8_t>(value)) : std::nullopt;
    };
    Published out;
    out.this_node_id = self_;
    out.two_node = settings_.two_node;
    out.ev_barrier = ev_barrier_;
    if (settings_.expected_votes_tracking) out.ev_tracking_barrier = tracking_barrier_;
    out.wait_for_all_status = optional_byte(waited_for_all_, waiting_for_all_);
    out.lowest_node_id = lowest_;
    out.highest_node_id = highest_;
    if (settings_.tie_breaker_evaluated) out.atb_type = static_cast<std::uint32_t>(settings_.tie_breaker.type);
    out.qdevice_can_operate = optional_byte(settings_.device_configured, settings_.device_can_operate);
    out.qdevice_master_wins = master_wins_;
    return out;
}

}  // namespace vote
