#pragma once
// A service that does nothing but take part in synchronisation, to see that the rules of
// totempg-sync-services.md section 9 hold for any service. Not every node has it.

#include "engine/exec/service.hpp"
#include "tests/sim/types.hpp"

namespace totem::sim {

class Node;

class ProbeService final : public engine::Service, private sync::Participant {
public:
    ProbeService(Node& node, engine::ExecSender& sender) : node_(node), sender_(sender) {}

    std::uint32_t id() const override { return engine::kCmapService; }
    std::string_view name() const override { return "probe"; }
    std::string_view ipc_name() const override { return ""; }
    std::uint32_t function_count() const override { return 1; }
    void on_exec(std::uint32_t function, NodeId sender, ByteOrder order, Bytes message) override;
    sync::Participant* participant() override { return this; }

private:
    std::uint32_t service_id() const override { return engine::kCmapService; }
    std::string_view service_name() const override { return "probe"; }
    void sync_init(std::span<const NodeId> transitional, std::span<const NodeId> members, const RingId& ring) override;
    bool sync_process(Instant now) override;
    void sync_activate(Instant now) override;
    void sync_abort() override {}

    Node& node_;
    engine::ExecSender& sender_;
    RingId ring_;
    bool hesitated_ = false;
};

}  // namespace totem::sim
