// What a message does in each mode (pmxcfs-wire.md 2.4, 4.3, 4.4).

#include <algorithm>

#include <fmt/format.h>

#include "cfs/replica/engine/engine.hpp"
#include "totem/base/planted.hpp"

namespace cfs::replica {

void Engine::delivered(Now now, MemberId sender, Bytes message) {
    if (!running_ || is_out(mode_)) return;
    const auto header = decode_header(message);
    if (!members_known_) {
        fail(now, "no dfsm_sync_info - internal error");
    } else if (!header) {
        fail(now, header.problem());
    } else if (!wrong_version(now, *header)) {
        if (is(*header, MessageType::normal))
            handle_normal(now, sender, message);
        else
            handle_state(now, sender, message);
    }
    settle(now);
}

bool Engine::wrong_version(Now now, const Header& header) {
    const std::uint32_t version = header.protocol_version;
    if (version > settings_.protocol_version) {
        report(Severity::critical, fmt::format("received message with protocol version {}", version));
        set_mode(now, Mode::version_error);
        free_sync_data();
    } else if (version < settings_.protocol_version) {
        report(Severity::notice, fmt::format("ignore message with wrong protocol version {}", version));
    }
    return version != settings_.protocol_version;
}

void Engine::handle_normal(Now now, MemberId sender, Bytes bytes) {
    const auto message = decode_normal(bytes);
    if (!message) return fail(now, message.problem());
    if (mode_ != Mode::synced) return queue(now, sender, message->count, bytes);
    if (!process(now, sender, bytes)) leave(now);
}

void Engine::handle_state(Now now, MemberId sender, Bytes bytes) {
    const auto message = decode_state(bytes);
    if (!message) return fail(now, message.problem());
    if (!is(message->header, MessageType::sync_start) && message->epoch != sync_epoch_) return;
    switch (mode_) {
        case Mode::start_sync:
            return state_in_start_sync(now, sender, *message, bytes.size());
        case Mode::synced:
            return state_in_synced(now, sender, *message);
        case Mode::update:
            return state_in_update(now, *message, bytes.size());
        default:
            return fail(now, fmt::format("internal error - unknown mode {}", static_cast<int>(mode_)));
    }
}

void Engine::state_in_start_sync(Now now, MemberId sender, const StateMessage& message, std::size_t size) {
    switch (static_cast<MessageType>(message.header.type)) {
        case MessageType::sync_start:
            return sync_started(now, sender, message);
        case MessageType::state:
            return state_arrived(now, sender, message);
        case MessageType::verify_request:
        case MessageType::verify:
            return;  // of a round that the membership change has overtaken; upstream leaves here
        default:
            return unknown_state_message(now, message, size);
    }
}

void Engine::state_in_synced(Now now, MemberId sender, const StateMessage& message) {
    switch (static_cast<MessageType>(message.header.type)) {
        case MessageType::update_complete:
            for (Member& member : members_)
                member.synced = true;
            return deliver_queue(now);
        case MessageType::verify_request:
            return verify_requested(now, sender, message);
        case MessageType::verify:
            return verify_arrived(now, message);
        default:
            return;
    }
}

void Engine::state_in_update(Now now, const StateMessage& message, std::size_t size) {
    switch (static_cast<MessageType>(message.header.type)) {
        case MessageType::update:
            if (!application_.update(*this, now, message.payload)) leave(now);
            return;
        case MessageType::update_complete:
            return updates_complete(now);
        case MessageType::verify_request:
        case MessageType::verify:
            return;
        default:
            return unknown_state_message(now, message, size);
    }
}

void Engine::unknown_state_message(Now now, const StateMessage& message, std::size_t size) {
    fail(now, fmt::format("received unknown state message type (type = {}, {} bytes)", message.header.type, size));
}

void Engine::sync_started(Now now, MemberId sender, const StateMessage& message) {
    if (sender.nodeid != lowest_node_)
        report(Severity::critical,
               fmt::format("ignore sync request from wrong member {}/{}", sender.nodeid, sender.pid));
    const Epoch& epoch = message.epoch;
    report(Severity::notice,
           fmt::format("received sync request (epoch {}/{}/{:08X})", epoch.nodeid, epoch.pid, epoch.epoch));
    sync_epoch_ = epoch;
    free_sync_data();
    const auto state = application_.state(*this, now);
    if (!state) return fail(now, "dfsm_get_state_fn failed");
    if (totem::planted(totem::Bug::cfs_forget_state) && epoch.epoch % 3 == 0) return;
    send_state(now, Purpose::state, MessageType::state, *state);
}

void Engine::state_arrived(Now now, MemberId sender, const StateMessage& message) {
    Member* const member = find(sender);
    if (member == nullptr)
        return fail(now, fmt::format("received state for non-member {}/{}", sender.nodeid, sender.pid));
    if (member->state)
        return fail(now, fmt::format("received duplicate state for member {}/{}", sender.nodeid, sender.pid));
    member->state.emplace(message.payload.begin(), message.payload.end());
    if (std::ranges::all_of(members_, [](const Member& m) { return m.state.has_value(); })) examine_states(now);
}

void Engine::examine_states(Now now) {
    report(Severity::notice, "received all states");
    std::vector<MemberState> states;
    states.reserve(members_.size());
    for (const Member& member : members_)
        states.push_back({member.id, *member.state, false});
    if (!application_.examine(*this, now, states)) return leave(now);
    for (std::size_t i = 0; i < states.size(); ++i)
        members_[i].synced = states[i].synced;
    const Member* const own = find(self_);
    if (own != nullptr && own->synced) {
        set_mode(now, Mode::synced);
        free_sync_data();
    } else {
        set_mode(now, Mode::update);
    }
    deliver_queue(now);
}

void Engine::updates_complete(Now now) {
    if (!application_.commit(*this, now)) return leave(now);
    for (Member& member : members_)
        member.synced = true;
    set_mode(now, Mode::synced);
    deliver_sync_queue(now);
    if (mode_ == Mode::synced) deliver_queue(now);
    free_sync_data();
}

}  // namespace cfs::replica
