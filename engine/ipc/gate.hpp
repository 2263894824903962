#pragma once
// What admission asks of the ring (client-ipc.md section 4.2), so that the server can be tested without
// one. engine/ipc/stack_gate.hpp is the one over a totem::Stack.

#include <cstddef>

#include "totem/pg/process_groups.hpp"

namespace engine::ipc {

class Gate {
public:
    virtual ~Gate() = default;
    // Around each turn in which clients may cause messages to be sent: set the stack's time before,
    // re-arm its timer after. Never nested.
    virtual void enter() {}
    virtual void leave() {}
    // Around the turns of one wake-up, whose messages are best sent together: it begins, or ends.
    virtual void burst(bool /*begins*/) {}

    // Whether what clients send now would leave no later if it were taken when the token comes, or later anyway.
    virtual bool sends_later() const { return false; }

    virtual std::size_t size_limit() const = 0;
    virtual std::size_t reserve(std::size_t size) = 0;  // 0 if there is no room
    virtual void release(std::size_t reservation) = 0;
    virtual totem::pg::QueueLevel queue_level() = 0;
};

}  // namespace engine::ipc
