// The commit token's first rotation (totem-srp.md section 14).
#include <algorithm>

#include "totem/base/planted.hpp"
#include "totem/srp/machine.hpp"

namespace totem::srp {

// What a peer that follows the protocol never violates. A token for which our entry is due must name us exactly there;
// ascending order implies that nobody is named twice.
bool Ring::Impl::plausible(const wire::CommitToken& commit) const {
    const std::size_t count = commit.members.size();
    if (count == 0 || commit.entries.size() != count) return false;
    if (commit.memb_index < 1 || static_cast<std::size_t>(commit.memb_index) > count) return false;
    const auto descent = std::adjacent_find(commit.members.begin(), commit.members.end(),
                                            [](const Identity& a, const Identity& b) { return !(a < b); });
    if (descent != commit.members.end()) return false;
    if (commit.ring.seq > kMaxPlausibleRingSeq) return false;
    const Identity& first = commit.members.front();
    const bool names_its_representative = config.dialect == Dialect::v2 ? commit.ring.rep.same_address(first.addr[0])
                                                                        : commit.ring.rep.nodeid == first.nodeid;
    return names_its_representative && contains(commit.members, config.self);
}

void Ring::Impl::on_commit_token(const wire::CommitToken& commit) {
    const State current = state();
    if (current == State::operational) return;
    if (current == State::gather) {
        if (commit.ring.seq <= ring_id.seq) return;
        if (!same_set(commit.members, difference(gathering.proc, gathering.failed))) return;
        const auto index = static_cast<std::size_t>(commit.memb_index);
        if (!plausible(commit) || index >= commit.members.size() || commit.members[index] != config.self) {
            return implausible();
        }
        observer.commit_token_received();
        return enter_commit(commit);
    }
    // The second rotation, and in RECOVERY its end: the token we know, filled by everybody.
    if (commit.ring != ring_id) return;
    const bool filled = std::none_of(commit.entries.begin(), commit.entries.end(),
                                     [](const wire::CommitEntry& entry) { return entry.unfilled(); });
    if (!plausible(commit) || !std::ranges::equal(commit.members, ring_members)) return implausible();
    if (static_cast<std::size_t>(commit.memb_index) != commit.members.size()) return;
    if (!filled) return implausible();
    // Our record must be this life's: after a quick restart a token may come round that the life before filled.
    const auto own = std::find(commit.members.begin(), commit.members.end(), config.self) - commit.members.begin();
    if (commit.entries[static_cast<std::size_t>(own)].ring != window->ring) return implausible();
    if (current == State::commit) return enter_recovery(commit);
    maybe_send_initial_token(commit);
}

void Ring::Impl::create_commit_token() {
    wire::CommitToken commit;
    commit.members = difference(gathering.proc, gathering.failed);
    std::sort(commit.members.begin(), commit.members.end());
    commit.entries.resize(commit.members.size());
    commit.ring.rep = config.dialect == Dialect::v2 ? config.self.addr[0] : NodeAddress{config.self.nodeid};
    commit.ring.seq = highest_ring_seq + 4;
    observer.commit_token_created();
    enter_commit(std::move(commit));
}

void Ring::Impl::enter_commit(wire::CommitToken commit) {
    // The first attempt since the last operational ring freezes that ring's window.
    if (ring_id == window->ring) observer.saved_old_state(window->aru, window->high_seq_received);
    fill_entry(commit);
    ring_id = commit.ring;
    highest_ring_seq = std::max(highest_ring_seq, ring_id.seq);
    ring_members = commit.members;
    next = ring_members[static_cast<std::size_t>(commit.memb_index) % ring_members.size()];
    phase = CommitPhase{};
    timers.cancel(Timer::join);
    timers.cancel(Timer::send_join);
    timers.cancel(Timer::consensus);
    // Before the token leaves, unlike upstream: what we promise to others must survive our crash.
    if (!planted(Bug::ring_seq_not_persisted) && !effects.store_ring_seq(ring_id.seq)) {
        stop();
        observer.fatal("Couldn't store new ring id to stable storage");
        return;
    }
    flow.clear();
    counters.continuous_gather = 0;
    ++counters.commit_entered;
    observer.state_entered(State::commit);
    observer.commit_token_filled(ring_id);
    send_commit_token(commit);
    restart_token_timers();
}

// Our record, and what it says about those before us that come from our ring: who has less than the best of us
// must be helped (steps 2 and 3).
void Ring::Impl::fill_entry(wire::CommitToken& commit) const {
    const auto index = static_cast<std::size_t>(commit.memb_index);
    commit.entries[index] = wire::CommitEntry{window->ring, window->aru, window->high_delivered,
                                              window->aru == window->high_seq_received ? 1U : 0U};
    const auto from_our_ring = [&](const wire::CommitEntry& entry) { return entry.ring == window->ring; };
    Seq high = window->aru;
    for (std::size_t i = 0; i <= index; ++i) {
        if (from_our_ring(commit.entries[i])) high = later(high, commit.entries[i].aru);
    }
    for (std::size_t i = 0; i <= index; ++i) {
        wire::CommitEntry& entry = commit.entries[i];
        if (from_our_ring(entry) && precedes(entry.aru, high)) entry.received_flg = 0;
    }
    ++commit.memb_index;
}

void Ring::Impl::send_commit_token(wire::CommitToken& commit) {
    commit.header = header(wire::PacketType::commit_token);
    ++commit.token_seq;
    token.saved = outbox.encode(commit);
    token.saved_is_commit = true;
    ++counters.memb_commit_token_tx;
    outbox.unicast(token.saved, next);
}

}  // namespace totem::srp
