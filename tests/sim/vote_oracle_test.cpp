// The rule of one quorate partition can be seen to be broken.

#include "tests/sim/vote_oracle.hpp"

#include <gtest/gtest.h>

namespace totem::sim {
namespace {

// Whether three of these nodes, with one vote each, may be quorate.
bool accepted(const vote::Keys& options, std::uint32_t nodes, std::span<const NodeId> members, bool quorate = true) {
    std::map<NodeId, std::uint32_t> votes;
    for (NodeId node = 1; node <= nodes; ++node)
        votes[node] = 1;
    Verdict verdict;
    VoteOracle oracle(options, votes, verdict);
    oracle.verdict({0, 1}, quorate, members);
    return !verdict.failed();
}

TEST(VoteOracle, AMinorityIsNotQuorate) {
    const NodeId three[] = {1, 2, 3}, strangers[] = {1, 2, 9};
    EXPECT_TRUE(accepted({}, 5, three));
    EXPECT_FALSE(accepted({}, 6, three)) << "half is not enough";
    EXPECT_TRUE(accepted({}, 6, three, false));
    EXPECT_FALSE(accepted({}, 5, strangers));
}

TEST(VoteOracle, OptionsAllowLess) {
    const NodeId one[] = {1}, three[] = {1, 2, 3};
    vote::Keys two_node;
    two_node.two_node = true;
    EXPECT_TRUE(accepted(two_node, 2, one));
    EXPECT_FALSE(accepted(two_node, 3, one));
    vote::Keys tie_breaker;
    tie_breaker.auto_tie_breaker = true;
    EXPECT_TRUE(accepted(tie_breaker, 6, three));
    EXPECT_FALSE(accepted(tie_breaker, 8, three));
}

}  // namespace
}  // namespace totem::sim
