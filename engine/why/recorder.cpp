#include "engine/why/recorder.hpp"

#include <algorithm>

namespace engine::why {

using totem::Identity;
using totem::srp::GatherReason;
using Nodes = std::span<const Identity>;

namespace {

// A pause that ended this much before the ring gathered may still be why: what had come meanwhile is handled first.
constexpr std::int64_t kSlack = 1000;

std::int64_t signed_milliseconds(totem::Duration duration) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

std::uint64_t milliseconds(totem::Duration duration) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(signed_milliseconds(duration), 0));
}

NodeIds ids(Nodes nodes) {
    NodeIds out;
    for (const Identity& node : nodes)
        out.push_back(node.nodeid);
    return out;
}

// Strangers can name what they like; no list grows over the size of the largest ring.
void insert(NodeIds& nodes, NodeId node) {
    if (nodes.size() < totem::kMaxNodes && !has(nodes, node)) nodes.push_back(node);
}

Evidence evidence(EvidenceKind kind, NodeId node = 0) {
    Evidence out;
    out.kind = kind;
    out.node = node;
    return out;
}

}  // namespace

Recorder::Recorder(totem::Dialect dialect, const Identity& self, Surroundings& surroundings)
    : dialect_(dialect), self_(self.nodeid), surroundings_(surroundings) {}

// --- the ring ---

void Recorder::begin_gathering() {
    if (phase_ == Phase::gathering) return;
    interrupt();
    phase_ = Phase::gathering;
    outage_began_ = surroundings_.stamp();
    silence_began_ = outage_began_.wall - kSlack;
    log_.forget_before(outage_began_.wall - kReach);
}

void Recorder::gather_entered(GatherReason reason) {
    begin_gathering();
    if (reason == GatherReason::interface_change && !first_) {
        facts_.interface_changed = true;
        note(evidence(EvidenceKind::interface_changed));
    }
    Evidence item = evidence(EvidenceKind::gather);
    item.detail = describe(reason);
    note(std::move(item));
}

void Recorder::process_suspected(const Identity& member) {
    begin_gathering();
    note(evidence(EvidenceKind::port_closed, member.nodeid));
}

// Others may have given up the token before us; that it had been away for long is a fact all the same.
void Recorder::token_trail(const totem::srp::TokenTrail& trail) {
    begin_gathering();
    if (facts_.forced || (!facts_.token_loss && trail.silent * 2 < trail.timeout)) return;
    if (!facts_.token_loss) {
        lost_for(trail.silent);
        Evidence late = evidence(EvidenceKind::token_late);
        late.milliseconds = milliseconds(trail.silent);
        note(std::move(late));
    }
    if (trail.passed_on) facts_.token_loss->passed_to = trail.to;
    if (trail.heard_after) facts_.token_loss->reached = trail.reached;
    note_trail(trail, outage_began_);
}

void Recorder::lost_for(totem::Duration elapsed) {
    facts_.token_loss.emplace().milliseconds = milliseconds(elapsed);
    silence_began_ = outage_began_.wall - signed_milliseconds(elapsed) - kSlack;
}

void Recorder::note_trail(const totem::srp::TokenTrail& trail, const Surroundings::Stamp& stamp) {
    const auto wall = [&](totem::Instant at) { return stamp.wall - signed_milliseconds(stamp.now - at); };
    Evidence received = evidence(EvidenceKind::token_received, predecessor());
    received.at = wall(trail.received);
    log_.add(std::move(received));
    Evidence passed = evidence(trail.passed_on ? EvidenceKind::token_passed : EvidenceKind::token_kept, trail.to);
    passed.at = wall(trail.passed_on ? trail.passed : trail.received);
    if (trail.resent > 0) passed.count = trail.resent;
    log_.add(std::move(passed));
    if (!trail.heard_after) return;
    Evidence reached = evidence(EvidenceKind::token_reached, trail.reached);
    reached.at = wall(trail.reached_at);
    log_.add(std::move(reached));
}

NodeId Recorder::predecessor() const {
    const auto own = std::find(ring_order_.begin(), ring_order_.end(), self_);
    if (own == ring_order_.end()) return 0;
    return own == ring_order_.begin() ? ring_order_.back() : *(own - 1);
}

void Recorder::token_lost(totem::srp::State state, totem::Duration elapsed) {
    if (state != totem::srp::State::operational || facts_.forced) return;
    begin_gathering();
    lost_for(elapsed);
    Evidence item = evidence(EvidenceKind::token_lost);
    item.milliseconds = milliseconds(elapsed);
    note(std::move(item));
}

void Recorder::token_warning(totem::Duration elapsed) {
    Evidence item = evidence(EvidenceKind::token_late);
    item.milliseconds = milliseconds(elapsed);
    note(std::move(item));
}

// Right before the services hear of it, some of which have the verdict at once.
void Recorder::configuration_delivered(const totem::srp::Configuration& change) {
    if (change.kind != totem::srp::Configuration::Kind::regular) return;
    phase_ = Phase::synchronizing;
    const auto stamp = surroundings_.stamp();
    forming_ = Record{};
    forming_.outage = milliseconds(stamp.now - outage_began_.now);
    forming_.old_ring = std::exchange(ring_, change.ring.text(dialect_));
    forming_.new_ring = ring_;
    old_ring_seq_ = std::exchange(ring_seq_, change.ring.seq);
    facts_.old_members = std::exchange(ring_order_, ids(change.members));
    forming_.members = ring_order_;
}

void Recorder::membership_formed(const totem::RingId&, Nodes, Nodes joined, Nodes left, Nodes left_silently) {
    forming_.joined = ids(joined);
    std::erase(forming_.joined, self_);
    forming_.left = ids(left);
    forming_.left_silently = ids(left_silently);
    std::vector<std::pair<std::string, NodeIds>> rings;
    for (const auto& previous : facts_.previous_rings) {
        auto known =
            std::find_if(rings.begin(), rings.end(), [&](const auto& entry) { return entry.first == previous.second; });
        if (known == rings.end()) known = rings.insert(rings.end(), {previous.second, {}});
        known->second.push_back(previous.first);
    }
    for (auto& [ring, nodes] : rings) {
        if (rings.size() < 2) break;
        Evidence item = evidence(EvidenceKind::previous_ring);
        item.nodes = std::move(nodes);
        item.detail = ring;
        note(std::move(item));
    }
    note_restarts(forming_.joined);
    seal(forming_);
}

void Recorder::leave_received(const Identity& leaver) {
    if (leaver.nodeid == self_) return;
    insert(facts_.announced, leaver.nodeid);
    note(evidence(EvidenceKind::leave_announced, leaver.nodeid));
}

void Recorder::join_received(const Identity& sender, Nodes proc, Nodes failed) {
    if (proc.size() == 1 && proc.front() == sender && failed.empty()) {
        insert(facts_.alone, sender.nodeid);
        note(evidence(EvidenceKind::joined_alone, sender.nodeid));
        return;
    }
    for (const Identity& node : failed.first(std::min(failed.size(), EvidenceLog::kCapacity))) {
        if (node == sender) {
            insert(facts_.cannot_receive, sender.nodeid);
            note(evidence(EvidenceKind::cannot_receive, sender.nodeid));
            continue;
        }
        if (node.nodeid == self_) insert(facts_.excluded_by, sender.nodeid);
        Evidence item = evidence(EvidenceKind::named_failed, node.nodeid);
        item.nodes = {sender.nodeid};
        note(std::move(item));
    }
}

void Recorder::foreign_heard(const Identity& sender, const totem::RingId& ring) {
    insert(facts_.foreign, sender.nodeid);
    Evidence item = evidence(EvidenceKind::foreign_ring, sender.nodeid);
    item.detail = ring.text(dialect_);
    note(std::move(item));
}

void Recorder::retransmit_list(std::span<const totem::wire::RtrItem> items) {
    ++counters_.retransmit_tokens;
    counters_.retransmit_requests += items.size();
}

void Recorder::failed_to_receive() {
    facts_.failed_to_receive = true;
    note(evidence(EvidenceKind::cannot_receive, self_));
}

void Recorder::pause_detected(totem::Duration pause) {
    not_scheduled(pause);
}

void Recorder::forced_gather() {
    facts_.forced = true;
    note(evidence(EvidenceKind::forced_gather));
}

void Recorder::datagram_dropped(totem::wire::Drop, totem::Bytes) {
    ++counters_.malformed;
}

void Recorder::recovery_member(std::size_t position, const Identity& member, const totem::wire::CommitEntry& entry) {
    if (position == 0) {
        facts_.previous_rings.clear();
        previous_.clear();
    }
    previous_.emplace_back(member.nodeid, entry.ring.seq);
    facts_.previous_rings.emplace_back(member.nodeid, entry.ring.text(dialect_));
}

// --- the daemon ---

void Recorder::note(Evidence item) {
    item.at = surroundings_.stamp().wall;
    log_.add(std::move(item));
}

void Recorder::note_vote(Evidence item) {
    if (phase_ == Phase::steady && !first_) note(std::move(item));
}

void Recorder::not_scheduled(totem::Duration missed) {
    Evidence item = evidence(EvidenceKind::own_pause, self_);
    item.milliseconds = milliseconds(missed);
    note(std::move(item));
}

void Recorder::votes(const Votes& now) {
    votes_ = now;
    if (phase_ != Phase::steady || first_) return;
    if (votes_ == settled_) {
        settle_at_ = totem::kNever;
    } else if (settle_at_ == totem::kNever) {
        settle_at_ = surroundings_.stamp().now + kSettle;
    }
}

totem::Instant Recorder::next_timeout() const {
    return settle_at_;
}

void Recorder::on_timeout() {
    if (settle_at_ <= surroundings_.stamp().now) close_votes();
}

// --- records ---

void Recorder::synchronized() {
    if (phase_ != Phase::synchronizing) return;
    phase_ = Phase::steady;
    close(std::move(forming_));
}

// What is not about the ring and its members.
void Recorder::close_other(Kind kind) {
    Record record;
    record.kind = kind;
    record.old_ring = record.new_ring = ring_;
    record.members = ring_order_;
    record.before = settled_;
    record.after = votes_;
    log_.forget_before(surroundings_.stamp().wall - kReach);
    seal(record);
    close(std::move(record));
}

void Recorder::close_votes() {
    const bool flipped = settled_ && votes_ && settled_->quorate != votes_->quorate;
    close_other(flipped ? Kind::quorum : Kind::votes);
}

void Recorder::stopping() {
    interrupt();
    close_other(Kind::stop);
}

void Recorder::interrupt() {
    if (phase_ == Phase::synchronizing) {
        forming_.synchronized = false;
        close(std::move(forming_));
    } else if (settle_at_ != totem::kNever) {
        close_votes();
    }
}

void Recorder::note_lost(const Record& record) {
    std::erase_if(lost_, [&](const auto& entry) { return has(record.joined, entry.first); });
    for (const NodeId node : record.left_silently) {
        if (!has(record.joined, node) && lost_.size() < totem::kMaxNodes) lost_.emplace_back(node, old_ring_seq_);
    }
}

// A node begins with a ring of its own whose number is the one after the last it has on its disk (totem-srp.md section
// 17); had it only been cut off, it would come with a ring that was formed. Its first join can get lost, this can't.
void Recorder::note_restarts(const NodeIds& joined) {
    for (const auto& [node, seq] : lost_) {
        const std::pair begun(node, seq + 1);
        if (has(joined, node) && std::find(previous_.begin(), previous_.end(), begun) != previous_.end()) {
            insert(facts_.alone, node);
        }
    }
}

// The evidence up to now is this record's, what comes is the next one's.
void Recorder::seal(Record& record) {
    record.evidence = log_.items();
    record.evidence_dropped = log_.dropped();
    auto [cause, also] = judge(findings(record));
    record.cause = std::move(cause);
    record.also = std::move(also);
    note_lost(record);
    if (record.kind == Kind::membership) first_ = false;
    log_.clear();
    facts_ = Findings{};
}

void Recorder::close(Record record) {
    const auto link = surroundings_.link();
    counters_.refused = link.refused - link_before_.refused;
    counters_.unsent = link.unsent - link_before_.unsent;
    link_before_ = link;
    record.counters = std::exchange(counters_, {});
    record.at = surroundings_.stamp().wall;
    record.self = self_;
    record.before = std::exchange(settled_, votes_);
    record.after = votes_;
    settle_at_ = totem::kNever;
    surroundings_.closed(std::move(record));
}

Findings Recorder::findings(const Record& record) const {
    Findings out = facts_;
    out.kind = record.kind;
    out.self = self_;
    out.first = first_;
    out.members = record.members;
    out.joined = record.joined;
    out.left = record.left;
    out.left_silently = record.left_silently;
    out.own_pause = longest_pause();
    for (const auto& [node, seq] : lost_)
        out.lost_before.push_back(node);
    out.before = record.before;
    out.after = record.after;
    out.evidence = record.evidence;
    return out;
}

// That lies at least partly between the last token and now.
std::uint64_t Recorder::longest_pause() const {
    std::uint64_t longest = 0;
    for (const Evidence& item : log_.items()) {
        if (item.kind != EvidenceKind::own_pause || item.at < silence_began_) continue;
        longest = std::max(longest, item.milliseconds.value_or(0));
    }
    return longest;
}

}  // namespace engine::why
