#include "engine/why/causes.hpp"

#include <algorithm>
#include <iterator>

namespace engine::why {
namespace {

template <typename Predicate>
NodeIds only(const NodeIds& nodes, Predicate predicate) {
    NodeIds out;
    std::copy_if(nodes.begin(), nodes.end(), std::back_inserter(out), predicate);
    return out;
}

// A cause about these nodes, if there are any.
std::optional<Cause> about(CauseKind kind, NodeIds nodes, NodeIds suspects = {},
                           std::optional<std::uint64_t> milliseconds = {}) {
    if (nodes.empty()) return std::nullopt;
    return Cause{kind, std::move(nodes), std::move(suspects), milliseconds};
}

std::optional<std::uint64_t> lost_for(const Findings& f) {
    return f.token_loss ? std::optional(f.token_loss->milliseconds) : std::nullopt;
}

// Our own absence explains what looks like a failure of others. Half of the time without a token is enough for doubt,
// and then nobody else is to be blamed.
bool own_fault(const Findings& f) {
    if (f.own_pause == 0) return false;
    if (f.token_loss) return f.own_pause * 2 >= f.token_loss->milliseconds;
    return !f.left_silently.empty() || !f.excluded_by.empty();
}

NodeIds silent(const Findings& f) {
    return only(f.left_silently, [&](NodeId node) { return !has(f.cannot_receive, node); });
}

const std::string* previous_ring(const Findings& f, NodeId node) {
    const auto found = std::find_if(f.previous_rings.begin(), f.previous_rings.end(),
                                    [&](const auto& entry) { return entry.first == node; });
    return found == f.previous_rings.end() ? nullptr : &found->second;
}

// Of a joined node: it ran in a ring that is not ours. It was heard there, it shared that ring with another one, or we
// lost it and it did not start anew.
bool from_foreign_ring(const Findings& f, NodeId node) {
    if (has(f.alone, node)) return false;
    if (has(f.lost_before, node) || has(f.foreign, node)) return true;
    const std::string* ring = previous_ring(f, node);
    return ring != nullptr && std::any_of(f.joined.begin(), f.joined.end(), [&](NodeId other) {
               const std::string* theirs = previous_ring(f, other);
               return other != node && theirs != nullptr && *theirs == *ring;
           });
}

// The last action of this kind.
const Evidence* action(const Findings& f, EvidenceKind kind) {
    const auto found =
        std::find_if(f.evidence.rbegin(), f.evidence.rend(), [&](const auto& item) { return item.kind == kind; });
    return found == f.evidence.rend() ? nullptr : &*found;
}

std::optional<Cause> by(const Findings& f, EvidenceKind evidence, CauseKind kind) {
    const Evidence* item = action(f, evidence);
    if (item == nullptr) return std::nullopt;
    return Cause{kind, item->node != 0 ? NodeIds{item->node} : NodeIds{}, {}, {}};
}

constexpr Rule kStopRules[] = {rule::killed, rule::config_version, rule::stopped};
constexpr Rule kMembershipRules[] = {rule::start_up,
                                     rule::own_pause,
                                     rule::self_failed_to_receive,
                                     rule::peer_failed_to_receive,
                                     rule::forced,
                                     rule::interface_changed,
                                     rule::left_announced,
                                     rule::excluded,
                                     rule::network_split,
                                     rule::peer_silent,
                                     rule::token_lost,
                                     rule::peer_started,
                                     rule::rings_merged,
                                     rule::peer_joined};
constexpr Rule kQuorumRules[] = {rule::expected_votes_set, rule::node_votes_set, rule::wait_for_all_cancelled,
                                 rule::device_changed,     rule::reloaded,       rule::keys_changed,
                                 rule::peer_votes_changed};

}  // namespace

std::span<const Rule> rules(Kind kind) {
    switch (kind) {
        case Kind::stop:
            return kStopRules;
        case Kind::membership:
            return kMembershipRules;
        case Kind::quorum:
        case Kind::votes:
            break;
    }
    return kQuorumRules;
}

Verdict judge(const Findings& findings) {
    Verdict out;
    bool found = false;
    for (const Rule rule : rules(findings.kind)) {
        auto cause = rule(findings);
        if (!cause) continue;
        if (found) {
            out.also.push_back(std::move(*cause));
        } else {
            out.cause = std::move(*cause);
            found = true;
        }
    }
    return out;
}

NodeIds suspects(const Findings& f) {
    if (!f.token_loss || !f.token_loss->passed_to) return {};
    const NodeId from = f.token_loss->reached.value_or(*f.token_loss->passed_to);
    const auto start = std::find(f.old_members.begin(), f.old_members.end(), from);
    if (start == f.old_members.end()) return {};
    NodeIds out;
    auto at = start;
    do {
        if (*at == f.self) break;
        out.push_back(*at);
        if (++at == f.old_members.end()) at = f.old_members.begin();
    } while (at != start);
    return out;
}

namespace rule {

// --- the end of this node

std::optional<Cause> killed(const Findings& f) {
    return by(f, EvidenceKind::killed, CauseKind::killed);
}

std::optional<Cause> config_version(const Findings& f) {
    if (action(f, EvidenceKind::killed) != nullptr) return std::nullopt;
    return by(f, EvidenceKind::config_version, CauseKind::config_version);
}

std::optional<Cause> stopped(const Findings& f) {
    if (action(f, EvidenceKind::killed) != nullptr || action(f, EvidenceKind::config_version) != nullptr) return {};
    return Cause{CauseKind::stopped, {f.self}, {}, {}};
}

// --- membership

std::optional<Cause> start_up(const Findings& f) {
    if (!f.first) return std::nullopt;
    return Cause{CauseKind::start_up, {f.self}, {}, {}};
}

std::optional<Cause> own_pause(const Findings& f) {
    if (f.first || !own_fault(f)) return std::nullopt;
    return Cause{CauseKind::own_pause, {f.self}, {}, f.own_pause};
}

std::optional<Cause> self_failed_to_receive(const Findings& f) {
    if (!f.failed_to_receive) return std::nullopt;
    return Cause{CauseKind::self_failed_to_receive, {f.self}, {}, {}};
}

std::optional<Cause> peer_failed_to_receive(const Findings& f) {
    return about(CauseKind::peer_failed_to_receive,
                 only(f.left, [&](NodeId node) { return has(f.cannot_receive, node); }));
}

std::optional<Cause> forced(const Findings& f) {
    if (!f.forced) return std::nullopt;
    return Cause{CauseKind::forced, {f.self}, {}, {}};
}

std::optional<Cause> interface_changed(const Findings& f) {
    if (f.first || !f.interface_changed) return std::nullopt;
    return Cause{CauseKind::interface_changed, {f.self}, {}, {}};
}

std::optional<Cause> left_announced(const Findings& f) {
    return about(CauseKind::left_announced, only(f.left, [&](NodeId node) { return !has(f.left_silently, node); }));
}

// They hear us too little to count us in, though we hear them.
std::optional<Cause> excluded(const Findings& f) {
    if (own_fault(f) || f.failed_to_receive) return std::nullopt;
    return about(CauseKind::excluded, only(f.excluded_by, [&](NodeId node) { return has(f.left, node); }));
}

std::optional<Cause> network_split(const Findings& f) {
    NodeIds gone = silent(f);
    if (own_fault(f) || gone.size() < 2) return std::nullopt;
    return about(CauseKind::network_split, std::move(gone), suspects(f), lost_for(f));
}

std::optional<Cause> peer_silent(const Findings& f) {
    NodeIds gone = silent(f);
    if (own_fault(f) || gone.size() != 1) return std::nullopt;
    return about(CauseKind::peer_silent, std::move(gone), suspects(f), lost_for(f));
}

// And everybody is still there.
std::optional<Cause> token_lost(const Findings& f) {
    if (f.first || own_fault(f) || !f.token_loss || !f.left.empty()) return std::nullopt;
    return Cause{CauseKind::token_lost, {}, suspects(f), f.token_loss->milliseconds};
}

std::optional<Cause> peer_started(const Findings& f) {
    if (f.first) return std::nullopt;
    return about(CauseKind::peer_started, only(f.joined, [&](NodeId node) { return has(f.alone, node); }));
}

std::optional<Cause> rings_merged(const Findings& f) {
    if (f.first) return std::nullopt;
    return about(CauseKind::rings_merged, only(f.joined, [&](NodeId node) { return from_foreign_ring(f, node); }));
}

std::optional<Cause> peer_joined(const Findings& f) {
    if (f.first) return std::nullopt;
    return about(CauseKind::peer_joined,
                 only(f.joined, [&](NodeId node) { return !has(f.alone, node) && !from_foreign_ring(f, node); }));
}

// --- quorum

std::optional<Cause> expected_votes_set(const Findings& f) {
    return by(f, EvidenceKind::expected_votes_set, CauseKind::expected_votes_set);
}

std::optional<Cause> node_votes_set(const Findings& f) {
    return by(f, EvidenceKind::node_votes_set, CauseKind::node_votes_set);
}

std::optional<Cause> wait_for_all_cancelled(const Findings& f) {
    return by(f, EvidenceKind::wait_for_all_cancelled, CauseKind::wait_for_all_cancelled);
}

std::optional<Cause> device_changed(const Findings& f) {
    const Votes none;
    if (!f.after || f.before.value_or(none).same_device(*f.after)) return std::nullopt;
    return Cause{CauseKind::device_changed, {f.self}, {}, {}};
}

std::optional<Cause> reloaded(const Findings& f) {
    return by(f, EvidenceKind::reload_requested, CauseKind::reloaded);
}

std::optional<Cause> keys_changed(const Findings& f) {
    if (action(f, EvidenceKind::reload_requested) != nullptr || action(f, EvidenceKind::keys_changed) == nullptr) {
        return std::nullopt;
    }
    return Cause{CauseKind::keys_changed, {f.self}, {}, {}};
}

// Nothing was done here; another node announced other numbers.
std::optional<Cause> peer_votes_changed(const Findings& f) {
    for (const EvidenceKind kind : {EvidenceKind::expected_votes_set, EvidenceKind::node_votes_set,
                                    EvidenceKind::reload_requested, EvidenceKind::keys_changed}) {
        if (action(f, kind) != nullptr) return std::nullopt;
    }
    const Evidence* item = action(f, EvidenceKind::votes_announced);
    if (item == nullptr || item->node == f.self) return std::nullopt;
    return by(f, EvidenceKind::votes_announced, CauseKind::peer_votes_changed);
}

}  // namespace rule

}  // namespace engine::why
