#pragma once
// NORMAL messages that can't be applied yet (pmxcfs-wire.md 4.5). Queue A holds them while a sync runs, sorted by the
// senders' counters; queue B holds what synced members sent while we wait for updates, as it came.

#include <deque>
#include <vector>

#include "cfs/replica/messages/types.hpp"

namespace cfs::replica {

struct QueuedMessage {
    MemberId sender;
    std::uint64_t count = 0;
    Buffer bytes;
};

class CountQueue {
public:
    // Behind all that are not later by the signed 32 bit difference of the counters. Senders mix.
    void insert(QueuedMessage message) {
        auto place = messages_.end();
        while (place != messages_.begin() && later(std::prev(place)->count, message.count))
            --place;
        messages_.insert(place, std::move(message));
    }
    bool empty() const { return messages_.empty(); }
    std::size_t size() const { return messages_.size(); }
    std::deque<QueuedMessage> take() { return std::exchange(messages_, {}); }
    // Puts back what a walk over take() left, in its order.
    void restore(std::deque<QueuedMessage> messages) { messages_ = std::move(messages); }
    void clear() { messages_.clear(); }

private:
    static bool later(std::uint64_t a, std::uint64_t b) { return static_cast<std::int32_t>(a - b) > 0; }
    std::deque<QueuedMessage> messages_;
};

}  // namespace cfs::replica
