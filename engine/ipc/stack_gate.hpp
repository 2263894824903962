#pragma once
// The gate over a protocol stack.

#include <functional>
#include <utility>

#include "engine/ipc/gate.hpp"
#include "totem/stack/stack.hpp"

namespace engine::ipc {

class StackGate final : public Gate {
public:
    // `enter_hook` sets the stack's time, `leave_hook` drains and re-arms it; either may be empty.
    StackGate(totem::Stack& stack, std::function<void()> enter_hook, std::function<void()> leave_hook)
        : stack_(stack), enter_(std::move(enter_hook)), leave_(std::move(leave_hook)) {}

    void enter() override {
        if (enter_) enter_();
    }
    void leave() override {
        if (leave_) leave_();
    }
    std::size_t size_limit() const override { return stack_.groups().size_limit(); }
    std::size_t reserve(std::size_t size) override { return stack_.groups().reserve(size); }
    void release(std::size_t reservation) override { stack_.groups().release(reservation); }
    totem::pg::QueueLevel queue_level() override { return stack_.groups().queue_level(); }

private:
    totem::Stack& stack_;
    std::function<void()> enter_, leave_;
};

}  // namespace engine::ipc
