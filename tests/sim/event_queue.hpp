#pragma once
// What happens next. Events at the same instant happen in the order in which they were scheduled,
// so a run is a function of its seed.

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "tests/sim/types.hpp"
#include "totem/base/frame_pool.hpp"

namespace totem::sim {

struct Event {
    enum class Kind : std::uint8_t {
        datagram,     // `packet` reaches `node`; `a` is the sender, `flag` tells unicast
        port_closed,  // `node` hears that nobody has the port of node `a` open
        timer,        // `node`'s machine may have a timer due
        wake,         // `node` gets the CPU again
        traffic,      // `node`'s clients do something
        fault_edge,   // a fault begins or ends: link states change
        action,       // scheduled action number `a`
        start,        // `node` starts; `flag` tells whether its ring id file was lost
        milestone,    // the run's own schedule
    };
    Time at = 0;
    std::uint64_t order = 0;
    Kind kind = Kind::milestone;
    bool flag = false;
    NodeIndex node = 0;
    std::uint32_t a = 0;
    FrameRef packet;
    std::uint8_t network = 0;  // of the datagram
};

// The heap orders small keys; the events stay where they are.
class EventQueue {
public:
    void push(Event event) {
        event.order = next_order_++;
        const std::uint32_t slot = free_slot();
        heap_.push_back({event.at, event.order, slot});
        std::push_heap(heap_.begin(), heap_.end(), later);
        events_[slot] = std::move(event);
    }
    Event pop() {
        std::pop_heap(heap_.begin(), heap_.end(), later);
        const std::uint32_t slot = heap_.back().slot;
        heap_.pop_back();
        free_.push_back(slot);
        return std::move(events_[slot]);
    }
    bool empty() const { return heap_.empty(); }
    // Every event already pushed has a smaller order.
    std::uint64_t next_order() const { return next_order_; }
    Time next_time() const { return heap_.empty() ? kEndOfTime : heap_.front().at; }

private:
    struct Key {
        Time at;
        std::uint64_t order;
        std::uint32_t slot;
    };
    static bool later(const Key& a, const Key& b) { return a.at != b.at ? a.at > b.at : a.order > b.order; }

    std::uint32_t free_slot() {
        if (free_.empty()) {
            events_.emplace_back();
            return static_cast<std::uint32_t>(events_.size() - 1);
        }
        const std::uint32_t slot = free_.back();
        free_.pop_back();
        return slot;
    }

    std::vector<Key> heap_;
    std::vector<Event> events_;
    std::vector<std::uint32_t> free_;
    std::uint64_t next_order_ = 0;
};

}  // namespace totem::sim
