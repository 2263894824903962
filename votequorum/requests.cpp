// What clients ask for (section 7). Changes are applied when their message is delivered, not before (quirk Q6).

#include <utility>

#include "votequorum/machine.hpp"

namespace vote {
namespace {

struct FlagPair {
    std::uint32_t node, info;
};

constexpr FlagPair kDevicePairs[] = {{kDeviceRegistered, kInfoDeviceRegistered},
                                     {kDeviceAlive, kInfoDeviceAlive},
                                     {kDeviceCastVote, kInfoDeviceCastVote},
                                     {kDeviceMasterWins, kInfoDeviceMasterWins}};

}  // namespace

std::optional<Info> Machine::info(NodeId node) const {
    const auto found = nodes_.find(node == 0 ? self_ : node);
    if (found == nodes_.end()) return std::nullopt;
    Info out;
    out.node = found->first;
    out.record = found->second;
    const bool cast = (out.record.flags & kDeviceCastVote) != 0;
    const Sum sum = tally(cast ? std::optional(device_votes_) : std::nullopt);
    out.highest_expected = sum.highest_expected;
    out.total_votes = sum.total;
    out.quorum = quorum_;
    out.device_votes = device_votes_;
    const auto set = [&](bool on, std::uint32_t flag) { out.flags |= on ? flag : 0; };
    set(settings_.two_node, kInfoTwoNode);
    set(quorate_, kInfoQuorate);
    set(settings_.wait_for_all, kInfoWaitForAll);
    set(settings_.last_man_standing, kInfoLastManStanding);
    set(settings_.tie_breaker.type != TieBreaker::Type::none, kInfoTieBreaker);
    set(settings_.allow_downscale, kInfoDownscale);
    for (const FlagPair pair : kDevicePairs)
        set((out.record.flags & pair.node) != 0, pair.info);
    return out;
}

Result Machine::set_expected_votes(std::uint32_t votes) {
    const Outcome outcome = calculate(true, votes, false);
    if (votes < outcome.total || (quorate_ && outcome.quorum > outcome.total)) return Result::invalid_param;
    if (!flush_unsent() || !effects_.send(Reconfigure{self_, votes, Reconfigure::expected_votes})) {
        return Result::no_resources;
    }
    return Result::ok;
}

Result Machine::set_node_votes(NodeId node, std::uint32_t votes) {
    const auto found = nodes_.find(node);
    if (found == nodes_.end()) return Result::name_not_found;
    const std::uint32_t before = std::exchange(found->second.votes, votes);
    const Outcome outcome = calculate(true, 0, settings_.allow_downscale);
    found->second.votes = before;
    if (outcome.quorum < outcome.total / 2 || outcome.quorum > outcome.total) return Result::invalid_param;
    if (!flush_unsent() || !effects_.send(Reconfigure{node, votes, Reconfigure::node_votes})) {
        return Result::no_resources;
    }
    return Result::ok;
}

}  // namespace vote
