#include "tests/sim/votes.hpp"

#include "tests/sim/node.hpp"

namespace totem::sim {

Votes::Votes(Node& node, engine::ExecSender& sender, const vote::Keys& keys)
    : node_(node), service_(sender, *this, *this, vote::read(keys)) {}

void Votes::quorum_state(bool quorate, const RingId&, std::span<const NodeId> members) {
    if (node_.silent()) return;
    Surroundings& around = node_.around_;
    around.trace.line(around.now, node_.id(), "{} with {} members", quorate ? "quorate" : "not quorate",
                      members.size());
    around.votes.verdict(node_.who_, quorate, members);
}

Instant Votes::now() {
    return node_.local_now();
}

}  // namespace totem::sim
