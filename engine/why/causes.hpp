#pragma once
// From evidence to cause: an ordered list of small rules. The first that applies is the cause, the others that apply
// came together with it. No rule blames a node for a loss of the token that this node's own pause explains.

#include <optional>
#include <span>
#include <utility>

#include "engine/why/record.hpp"

namespace engine::why {

struct TokenLoss {
    std::uint64_t milliseconds = 0;
    std::optional<NodeId> passed_to;  // by us, the last time
    std::optional<NodeId> reached;    // it surely came as far as this node, later
};

// What rules look at; everything about one change.
struct Findings {
    Kind kind = Kind::membership;
    NodeId self = 0;
    bool first = false;  // since this process started
    NodeIds old_members;
    NodeIds members, joined, left, left_silently;  // of the ring formed

    std::optional<TokenLoss> token_loss;
    std::uint64_t own_pause = 0;  // milliseconds, during the loss of the token or the forming of the ring
    bool failed_to_receive = false, forced = false, interface_changed = false;
    NodeIds announced, cannot_receive, alone, foreign, excluded_by;
    NodeIds lost_before;                                         // silently, in an earlier change, and back now
    std::vector<std::pair<NodeId, std::string>> previous_rings;  // of members
    std::optional<Votes> before, after;
    std::span<const Evidence> evidence;  // for operator's actions
};

using Rule = std::optional<Cause> (*)(const Findings&);

// In order. Of the record's kind only.
std::span<const Rule> rules(Kind kind);

struct Verdict {
    Cause cause;  // `unknown` if no rule applies
    std::vector<Cause> also;
};
Verdict judge(const Findings& findings);

// Members between which the token can have been lost: behind whom it surely reached, in ring order. Empty if the token
// was not lost.
NodeIds suspects(const Findings& findings);

namespace rule {

std::optional<Cause> killed(const Findings& f);
std::optional<Cause> config_version(const Findings& f);
std::optional<Cause> stopped(const Findings& f);

std::optional<Cause> start_up(const Findings& f);
std::optional<Cause> own_pause(const Findings& f);
std::optional<Cause> self_failed_to_receive(const Findings& f);
std::optional<Cause> peer_failed_to_receive(const Findings& f);
std::optional<Cause> forced(const Findings& f);
std::optional<Cause> interface_changed(const Findings& f);
std::optional<Cause> left_announced(const Findings& f);
std::optional<Cause> network_split(const Findings& f);
std::optional<Cause> peer_silent(const Findings& f);
std::optional<Cause> excluded(const Findings& f);
std::optional<Cause> token_lost(const Findings& f);
std::optional<Cause> peer_started(const Findings& f);
std::optional<Cause> rings_merged(const Findings& f);
std::optional<Cause> peer_joined(const Findings& f);

std::optional<Cause> expected_votes_set(const Findings& f);
std::optional<Cause> node_votes_set(const Findings& f);
std::optional<Cause> wait_for_all_cancelled(const Findings& f);
std::optional<Cause> device_changed(const Findings& f);
std::optional<Cause> reloaded(const Findings& f);
std::optional<Cause> keys_changed(const Findings& f);
std::optional<Cause> peer_votes_changed(const Findings& f);

}  // namespace rule

}  // namespace engine::why
