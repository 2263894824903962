#pragma once
// The executive: services on top of a protocol stack. Dispatches group "a" messages to services
// (spec totempg-sync-services.md section 7), and tells them of configurations. Sans-I/O, used by
// totemd and by the simulator.

#include <cstdint>
#include <functional>
#include <memory>

#include "engine/exec/service.hpp"
#include "totem/stack/stack.hpp"

namespace engine {

struct ExecCounters {
    std::uint64_t tx = 0, rx = 0;
};

class Executive final : public ExecSender, private totem::pg::GroupReceiver {
public:
    // Registers with `stack` before its start; both references must outlive the executive.
    Executive(totem::Stack& stack, totem::Dialect dialect, ByteOrder order, NodeId local);
    ~Executive() override;

    // Before the stack starts, at most one service per id below totem::sync::kMaxServices; false if
    // the id is taken or too large. The service must outlive the executive.
    bool add(Service& service);
    Service* service(std::uint32_t id) const;
    ExecCounters counters(std::uint32_t service, std::uint32_t function) const;
    // Hears of each message counted: service, function, whether it was sent (else received).
    void on_count(std::function<void(std::uint32_t, std::uint32_t, bool)> callback);
    // Messages too short for a header, of absent services, or of functions a service lacks.
    std::uint64_t dropped_unknown() const;
    // Hears of functions a service lacks: function, service, its function count (section 7 step 3).
    void on_unknown_function(std::function<void(std::uint32_t, std::uint32_t, std::uint32_t)> callback);

    bool multicast(std::uint32_t service, std::uint32_t function, std::span<const Bytes> body) override;
    NodeId local_node() const override;
    ByteOrder order() const override;
    totem::Dialect dialect() const override;

private:
    void on_message(NodeId sender, ByteOrder order, Bytes payload) override;
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace engine
