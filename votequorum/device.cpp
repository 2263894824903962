// The quorum device: its votes, its name and whether it is there (sections 5.1 step 2, 5.3, 6.3 and 7).

#include <fmt/format.h>

#include <algorithm>

#include "votequorum/machine.hpp"

namespace vote {
namespace {

std::string cut(std::string_view name) {
    return std::string(name.substr(0, kMaxDeviceName));
}

}  // namespace

// --- messages ---

void Machine::on_device_info(NodeId sender, const NodeInfo& info) {
    const auto from = nodes_.find(sender);
    if (from == nodes_.end()) return;
    const std::uint32_t before = device_votes_;
    const bool heed = !quorate_ && (from->second.flags & kQuorate) != 0;
    device_votes_ = heed ? info.votes : std::max(device_votes_, info.votes);
    if (device_votes_ != before) recalculate(false, false);
}

void Machine::on_device_operation(NodeId sender, const DeviceOperation& operation, Instant now) {
    if (operation.operation == DeviceOperation::register_) {
        if (sender == self_) return on_own_registration(operation.name, now);
        if (device_name_.empty()) device_name_ = operation.name;
    } else if (operation.operation == DeviceOperation::unregister) {
        const bool used = std::any_of(nodes_.begin(), nodes_.end(), [](const auto& node) {
            return node.second.state == NodeState::member && (node.second.flags & kDeviceRegistered);
        });
        if (!used) device_name_.clear();
    }
}

// A registration nobody waits for is one of a synchronisation, or its client has died.
void Machine::on_own_registration(const std::string& name, Instant now) {
    if (device_registered() || !registering_) return;
    const ClientId client = *registering_;
    registering_.reset();
    if (device_name_.empty()) device_name_ = name;
    if (device_name_ != name) {
        log(Level::warning, [&] {
            return fmt::format("Unable to register quorum device {}: the cluster uses {}", name, device_name_);
        });
        return effects_.device_registered(client, Result::exist);
    }
    set_flag(kDeviceRegistered, true);
    announce(device_info(), now);
    announce(own_info(), now);
    effects_.device_registered(client, Result::ok);
}

void Machine::on_device_rename(const DeviceRename& rename) {
    if (rename.old_name == device_name_) device_name_ = rename.new_name;
}

// --- time ---

// A synchronisation starts: it ends when the device has judged the new ring, or does not answer.
void Machine::await_device(Instant now) {
    constexpr std::uint32_t kThere = kDeviceRegistered | kDeviceAlive;
    if ((us().flags & kThere) != kThere) return;
    device_deadline_ = now + settings_.device_sync_timeout;
    awaiting_device_ = true;
    log(Level::info, [&] {
        const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(settings_.device_sync_timeout);
        return fmt::format("waiting for quorum device {} poll (but maximum for {} ms)", device_name_, limit.count());
    });
}

void Machine::lose_device(Instant now) {
    if (!(us().flags & kDeviceAlive)) return;
    set_flag(kDeviceAlive | kDeviceCastVote, false);
    log(Level::info, [&] { return fmt::format("lost contact with quorum device {}", device_name_); });
    announce(own_info(), now);
    awaiting_device_ = false;
}

// --- requests ---

std::optional<Result> Machine::register_device(ClientId client, std::string_view name) {
    if (!settings_.device_can_operate) return Result::access;
    if (device_registered()) return cut(name) == device_name_ ? Result::ok : Result::exist;
    if (registering_) return Result::try_again;
    if (!unsent_.empty() || !effects_.send(DeviceOperation{DeviceOperation::register_, cut(name)})) {
        return Result::try_again;
    }
    registering_ = client;
    return std::nullopt;
}

void Machine::forget_client(ClientId client) {
    if (registering_ == client) registering_.reset();
}

std::optional<Result> Machine::device_refusal(std::string_view name) const {
    if (!device_registered()) return Result::not_exist;
    if (cut(name) != device_name_) return Result::invalid_param;
    return std::nullopt;
}

Result Machine::unregister_device(std::string_view name, Instant now) {
    if (const auto refusal = device_refusal(name)) return *refusal;
    device_deadline_ = totem::kNever;
    awaiting_device_ = false;
    set_flag(kDeviceFlags, false);
    announce(own_info(), now);
    announce(DeviceOperation{DeviceOperation::unregister, cut(name)}, now);
    return Result::ok;
}

Result Machine::rename_device(std::string_view old_name, std::string_view new_name, Instant now) {
    if (const auto refusal = device_refusal(old_name)) return *refusal;
    announce(DeviceRename{cut(old_name), cut(new_name)}, now);
    return Result::ok;
}

Result Machine::poll_device(std::string_view name, bool cast_vote, NodeId ring_node, std::uint64_t ring_seq,
                            Instant now) {
    if (!settings_.device_can_operate) return Result::access;
    if (!device_registered()) return Result::not_exist;
    if (ring_node != ring_.rep.nodeid || ring_seq != ring_.seq) return Result::message_error;
    if (const auto refusal = device_refusal(name)) return *refusal;
    const std::uint32_t before = device_flags();
    set_flag(kDeviceAlive, true);
    set_flag(kDeviceCastVote, cast_vote);
    if (device_flags() != before) announce(own_info(), now);
    device_deadline_ = now + settings_.device_timeout;
    awaiting_device_ = false;
    return Result::ok;
}

Result Machine::set_master_wins(std::string_view name, bool allow, Instant now) {
    if (!settings_.device_can_operate) return Result::access;
    if (const auto refusal = device_refusal(name)) return *refusal;
    const std::uint32_t before = device_flags();
    set_flag(kDeviceMasterWins, allow);
    if (device_flags() != before) announce(own_info(), now);
    master_wins_ = allow;
    return Result::ok;
}

}  // namespace vote
