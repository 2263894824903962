// The queues (pmxcfs-wire.md 4.5) and the results of own messages (4.8).

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "cfs/replica/engine/engine.hpp"

namespace cfs::replica {

void Engine::queue(Now now, MemberId sender, std::uint64_t count, Bytes message) {
    const Member* const member = find(sender);
    if (member == nullptr) return fail(now, "dfsm_node_info_lookup failed");
    QueuedMessage queued{sender, count, {message.begin(), message.end()}};
    if (mode_ == Mode::update && member->synced)
        sync_queue_.push_back(std::move(queued));
    else
        queue_.insert(std::move(queued));
}

// False: leave the group.
bool Engine::process(Now now, MemberId sender, Bytes bytes) {
    const auto message = decode_normal(bytes);
    if (!message) return false;
    const bool own = sender == self_;
    const Delivered delivered = application_.deliver(
        *this, now, {sender, message->header.time, message->header.subtype, message->payload, own});
    if (own) publish(message->count, delivered.result);
    if (delivered.verdict == Verdict::broken) {
        set_mode(now, Mode::error);
        free_sync_data();
    }
    return delivered.verdict == Verdict::fine;
}

// Callers of earlier messages that never came back know as much as they ever will.
void Engine::publish(std::uint64_t count, int result) {
    while (!waiting_.empty() && *waiting_.begin() < count) {
        const std::uint64_t given_up = *waiting_.begin();
        waiting_.erase(waiting_.begin());
        observer_.completed(given_up, false, 0);
    }
    if (waiting_.erase(count) != 0) observer_.completed(count, true, result);
}

void Engine::deliver_queue(Now now) {
    if (queue_.empty()) return;
    report(Severity::notice, fmt::format("dfsm_deliver_queue: queue length {}", queue_.size()));
    auto walk = queue_.take();
    std::deque<QueuedMessage> kept;
    bool failed = false;
    while (!walk.empty()) {
        QueuedMessage message = std::move(walk.front());
        walk.pop_front();
        const Member* const sender = find(message.sender);
        if (sender == nullptr) {
            report(Severity::notice,
                   fmt::format("remove message from non-member {}/{}", message.sender.nodeid, message.sender.pid));
            continue;
        }
        if (mode_ == Mode::synced && sender->synced) {
            failed = !process(now, message.sender, message.bytes);
        } else if (mode_ == Mode::update && sender->synced) {
            sync_queue_.push_back(std::move(message));
        } else {
            kept.push_back(std::move(message));
        }
        if (failed || (mode_ != Mode::synced && mode_ != Mode::update)) {
            leave(now);
            break;
        }
    }
    std::ranges::move(walk, std::back_inserter(kept));
    queue_.restore(std::move(kept));
}

void Engine::deliver_sync_queue(Now now) {
    if (sync_queue_.empty()) return;
    report(Severity::notice, fmt::format("dfsm_deliver_sync_queue: queue length {}", sync_queue_.size()));
    const auto walk = std::exchange(sync_queue_, {});
    for (const QueuedMessage& message : walk) {
        if (mode_ == Mode::synced && process(now, message.sender, message.bytes)) continue;
        return leave(now);
    }
}

}  // namespace cfs::replica
