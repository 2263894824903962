#pragma once
// What the machine does to the world around it. Calls come from inside the machine's entry points and must not call
// back into it, except for its const functions.

#include <span>
#include <string_view>

#include "votequorum/messages.hpp"
#include "votequorum/types.hpp"

namespace vote {

// Names a client that waits for an answer.
using ClientId = std::uint64_t;

class Effects {
public:
    virtual ~Effects() = default;
    // Multicast, agreed, delivered to ourselves as well; false if there is no room and nothing was queued.
    virtual bool send(const Message& message) = 0;
    // After each synchronisation, and when the verdict flips outside one: for the quorum service, then for trackers
    // (Machine::quorate, members, ring, nodes).
    virtual void verdict() = 0;
    // In each synchronisation, before its verdict: for trackers.
    virtual void nodelist(const RingId& ring, std::span<const NodeId> members) = 0;
    // Our expected votes were raised or set: for trackers.
    virtual void expected_votes_changed(std::uint32_t expected_votes) = 0;
    // The answer to a register_device() that returned nothing.
    virtual void device_registered(ClientId client, Result result) = 0;
    // To be kept over restarts (section 8).
    virtual void store_tracking_barrier(std::uint32_t barrier) = 0;
    virtual bool wants(Level level) const = 0;  // whether log() does anything with it
    virtual void log(Level level, std::string_view text) = 0;
};

}  // namespace vote
