#pragma once
// Votes on top of a simulated node: the shipping votequorum service, its verdicts told to the oracle.

#include "engine/services/votequorum/votequorum_service.hpp"
#include "tests/sim/types.hpp"

namespace totem::sim {

class Node;

class Votes final : private engine::votequorum::QuorumSink, private engine::votequorum::VotequorumHost {
public:
    Votes(Node& node, engine::ExecSender& sender, const vote::Keys& keys);

    engine::votequorum::VotequorumService& service() { return service_; }
    const engine::votequorum::VotequorumService& service() const { return service_; }

private:
    void quorum_state(bool quorate, const RingId& ring, std::span<const NodeId> members) override;
    Instant now() override;

    Node& node_;
    engine::votequorum::VotequorumService service_;
};

}  // namespace totem::sim
