#include "tests/sim/vote_oracle.hpp"

#include <fmt/format.h>

namespace totem::sim {

VoteOracle::VoteOracle(const vote::Keys& options, std::map<NodeId, std::uint32_t> votes, Verdict& verdict)
    : options_(options), votes_(std::move(votes)), verdict_(verdict) {
    for (const auto& [node, count] : votes_)
        total_ += count;
}

std::uint64_t VoteOracle::needed() const {
    if (options_.last_man_standing || (options_.two_node && votes_.size() <= 2)) return 1;
    return options_.auto_tie_breaker ? total_ / 2 : total_ / 2 + 1;
}

void VoteOracle::verdict(Who who, bool quorate, std::span<const NodeId> members) {
    if (!quorate) return;
    std::uint64_t here = 0;
    for (const NodeId member : members) {
        const auto found = votes_.find(member);
        if (found != votes_.end()) here += found->second;
    }
    if (here >= needed()) return;
    verdict_.fail("quorum", {who.node}, fmt::format("is quorate with {} of {} votes", here, total_));
}

}  // namespace totem::sim
