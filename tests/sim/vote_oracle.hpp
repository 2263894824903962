#pragma once
// Never two quorate partitions, except where an option documents it (votequorum.md section 4): who says it is quorate
// is in a ring that holds more than half of all votes. Any two such rings have a member in common, and a node is in one
// ring at a time. Less is enough with these options:
// - two_node: one of two.
// - auto_tie_breaker: half of the votes, rounded down.
// - last_man_standing: with every window that ends more than half of those who were left.

#include <cstdint>
#include <map>
#include <span>

#include "tests/sim/oracle.hpp"
#include "votequorum/options.hpp"

namespace totem::sim {

class VoteOracle {
public:
    // `options`: alike for all nodes but for their own votes.
    VoteOracle(const vote::Keys& options, std::map<NodeId, std::uint32_t> votes, Verdict& verdict);

    void verdict(Who who, bool quorate, std::span<const NodeId> members);

private:
    std::uint64_t needed() const;

    const vote::Keys options_;
    const std::map<NodeId, std::uint32_t> votes_;
    std::uint64_t total_ = 0;
    Verdict& verdict_;
};

}  // namespace totem::sim
