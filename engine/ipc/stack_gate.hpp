#pragma once
// The gate over a protocol stack.

#include <functional>
#include <utility>

#include "engine/ipc/gate.hpp"
#include "totem/stack/stack.hpp"

namespace engine::ipc {

class StackGate final : public Gate {
public:
    // Any may be empty.
    struct Hooks {
        std::function<void()> enter;       // sets the stack's time
        std::function<void()> leave;       // drains and re-arms it
        std::function<void(bool)> bursts;  // true: begins; false: ends
    };
    StackGate(totem::Stack& stack, Hooks hooks) : stack_(stack), hooks_(std::move(hooks)) {}

    void enter() override {
        if (hooks_.enter) hooks_.enter();
    }
    void leave() override {
        if (hooks_.leave) hooks_.leave();
    }
    void burst(bool begins) override {
        if (hooks_.bursts) hooks_.bursts(begins);
    }
    bool sends_later() const override { return stack_.ring().sends_later(); }
    std::size_t size_limit() const override { return stack_.groups().size_limit(); }
    std::size_t reserve(std::size_t size) override { return stack_.groups().reserve(size); }
    void release(std::size_t reservation) override { stack_.groups().release(reservation); }
    totem::pg::QueueLevel queue_level() override { return stack_.groups().queue_level(); }

private:
    totem::Stack& stack_;
    Hooks hooks_;
};

}  // namespace engine::ipc
