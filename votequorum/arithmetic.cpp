// Section 4: from votes to a verdict.

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "totem/base/planted.hpp"
#include "votequorum/machine.hpp"
#include "votequorum/tie_breaker.hpp"

namespace vote {
namespace {

constexpr std::uint32_t kMaster = kDeviceMasterWins | kDeviceCastVote;

// Votes come from the network; sums stop at the largest number.
std::uint32_t add(std::uint32_t a, std::uint32_t b) {
    const std::uint64_t sum = std::uint64_t{a} + b;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(sum, std::numeric_limits<std::uint32_t>::max()));
}

std::uint32_t majority(std::uint32_t votes) {
    const std::uint32_t more = totem::planted(totem::Bug::vote_half_is_enough) ? 1 : 2;
    return static_cast<std::uint32_t>((std::uint64_t{votes} + more) / 2);
}

}  // namespace

std::vector<NodeId> Machine::counted() const {
    std::vector<NodeId> out;
    for (const auto& [id, record] : nodes_) {
        if (record.state == NodeState::member) out.push_back(id);
    }
    return out;
}

Machine::Sum Machine::member_sum() const {
    Sum sum;
    for (const auto& [id, record] : nodes_) {
        if (record.state != NodeState::member && !totem::planted(totem::Bug::vote_count_departed)) continue;
        sum.total = add(sum.total, record.votes);
        sum.highest_expected = std::max(sum.highest_expected, record.expected_votes);
        ++sum.count;
    }
    return sum;
}

Machine::Sum Machine::tally(std::optional<std::uint32_t> device_votes) const {
    Sum sum = member_sum();
    if (!device_votes) return sum;
    sum.total = add(sum.total, *device_votes);
    ++sum.count;
    return sum;
}

Machine::Outcome Machine::calculate(bool allow_decrease, std::uint32_t max_expected, bool downscale) const {
    if (downscale && allow_decrease && max_expected > 0) max_expected = std::max(ev_barrier_, max_expected);
    const bool cast = (us().flags & kDeviceCastVote) != 0;
    const Sum sum = tally(cast ? std::optional(device_votes_) : std::nullopt);
    const std::uint32_t highest = max_expected > 0 ? max_expected : sum.highest_expected;
    std::uint32_t quorum = std::max(majority(highest), majority(sum.total));
    if (!allow_decrease) quorum = std::max(quorum_, quorum);
    if (settings_.two_node && sum.count <= 2) quorum = 1;
    return {quorum, sum.total};
}

void Machine::recalculate(bool allow_decrease, bool by_nodes) {
    // The device's votes raise what we expect whether or not it casts them (quirk Q2).
    const Sum raw = tally(device_votes_ != 0 ? std::optional(device_votes_) : std::nullopt);
    const std::uint32_t members = by_nodes ? raw.count : 0;
    if (raw.total > us().expected_votes) {
        us().expected_votes = raw.total;
        effects_.expected_votes_changed(raw.total);
    }
    raise_tracking_barrier();
    const Outcome outcome = calculate(allow_decrease, members, settings_.allow_downscale);
    quorum_ = outcome.quorum;
    if (members > 0) {
        // A number of nodes, not of votes: these options rely on one vote a node (quirk Q3).
        for (auto& [id, record] : nodes_) {
            if (record.state == NodeState::member) record.expected_votes = members;
        }
    }
    log(Level::debug,
        [&] { return fmt::format("total_votes={}, expected_votes={}", outcome.total, us().expected_votes); });
    for (const auto& [id, record] : nodes_) {
        log(Level::debug, [&, node = id, &of = record] {
            return fmt::format("node {} state={}, votes={}, expected={}", node, static_cast<int>(of.state), of.votes,
                               of.expected_votes);
        });
    }
    if (us().flags & kDeviceCastVote) {
        log(Level::debug, [&] { return fmt::format("node 0 state=1, votes={}", device_votes_); });
    }
    decide(outcome.total);
}

void Machine::raise_tracking_barrier() {
    if (!settings_.expected_votes_tracking || us().expected_votes <= tracking_barrier_) return;
    tracking_barrier_ = us().expected_votes;
    effects_.store_tracking_barrier(tracking_barrier_);
}

void Machine::decide(std::uint32_t total) {
    if (settings_.wait_for_all && waiting_for_all_) {
        if (total != us().expected_votes) {
            log(Level::notice, [&] {
                return fmt::format("Waiting for all cluster members. Current votes: {} expected_votes: {}", total,
                                   us().expected_votes);
            });
            return;
        }
        set_waiting(false);
    }
    const bool verdict = verdict_for(total);
    const bool changed = verdict != quorate_;
    if (changed) {
        log(Level::debug, [&] {
            return std::string(verdict ? "quorum regained, resuming activity" : "quorum lost, blocking activity");
        });
    }
    quorate_ = verdict;
    set_flag(kQuorate, verdict);
    if (settings_.wait_for_all) set_waiting(!verdict);
    if (changed && !syncing_) effects_.verdict();
}

bool Machine::verdict_for(std::uint32_t total) {
    if (total >= quorum_) {
        note_extremes();
        return true;
    }
    return tie_won(total) || in_masters_partition();
}

// If more nodes went than we have a quorum for, the other half may have one.
bool Machine::tie_won(std::uint32_t total) const {
    if (settings_.tie_breaker.type == TieBreaker::Type::none || total != us().expected_votes / 2) return false;
    const auto lost = static_cast<std::int64_t>(previous_.size()) - static_cast<std::int64_t>(members_.size());
    if (lost >= std::int64_t{quorum_}) return false;
    return wins_tie(settings_.tie_breaker, {members_, previous_, lowest_, highest_, counted()});
}

bool Machine::in_masters_partition() const {
    if (!(us().flags & kDeviceMasterWins)) return false;
    return std::any_of(nodes_.begin(), nodes_.end(), [](const auto& node) {
        return node.second.state == NodeState::member && (node.second.flags & kMaster) == kMaster;
    });
}

void Machine::note_extremes() {
    const auto ids = counted();
    if (ids.empty()) return;
    lowest_ = ids.front();
    highest_ = ids.back();
    log(Level::debug, [&] { return fmt::format("lowest node id: {} us: {}", *lowest_, self_); });
    log(Level::debug, [&] { return fmt::format("highest node id: {} us: {}", *highest_, self_); });
}

void Machine::set_waiting(bool waiting) {
    waiting_for_all_ = waiting;
    waited_for_all_ = true;
    set_flag(kWaitingForAll, waiting);
}

}  // namespace vote
