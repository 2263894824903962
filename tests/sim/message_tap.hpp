#pragma once
// Stands in front of the CPG service and tells the oracle which message is being handled: several are
// packed into what the ring delivers as one.

#include "engine/services/cpg/cpg_service.hpp"

namespace totem::sim {

class Node;

class MessageTap final : public engine::Service {
public:
    MessageTap(Node& node, engine::Service& behind) : node_(node), behind_(behind) {}

    std::uint32_t id() const override { return behind_.id(); }
    std::string_view name() const override { return behind_.name(); }
    std::string_view ipc_name() const override { return behind_.ipc_name(); }
    std::uint32_t function_count() const override { return behind_.function_count(); }
    void on_exec(std::uint32_t function, totem::NodeId sender, totem::ByteOrder order, totem::Bytes message) override;
    sync::Participant* participant() override { return behind_.participant(); }

private:
    Node& node_;
    engine::Service& behind_;
};

}  // namespace totem::sim
