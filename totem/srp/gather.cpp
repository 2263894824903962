// Joins and consensus (totem-srp.md section 13).
#include <algorithm>

#include "totem/base/planted.hpp"
#include "totem/srp/machine.hpp"

namespace totem::srp {

// Leaving RECOVERY drops what the attempt had received; the old ring's window is as it was.
void Ring::Impl::enter_gather(GatherReason reason) {
    insert(gathering.proc, config.self);
    if (state() == State::operational) {
        token.trail.silent = now - last_token;
        token.trail.timeout = ms(parameters.token);
        observer.token_trail(token.trail);
    }
    phase = GatherPhase{{config.self}};
    token.held = false;
    pace.begin({});
    ++counters.gather_entered;
    if (reason == GatherReason::consensus_timeout_expired) ++counters.continuous_gather;
    timers.cancel(Timer::token_retransmit);
    token.resend_soon = false;
    timers.cancel(Timer::token_loss);
    timers.cancel(Timer::token_warning);
    timers.cancel(Timer::hold);
    // Upstream lets the heartbeat of the lost ring strike in COMMIT (section 27 quirk 12).
    timers.cancel(Timer::heartbeat);
    timers.cancel(Timer::merge_detect);
    arm(Timer::join, parameters.join);
    arm(Timer::consensus, parameters.consensus);
    observer.state_entered(State::gather);
    observer.gather_entered(reason);
    request_join();
}

// With send_join, some time later: a restarting cluster should not speak all at once.
void Ring::Impl::request_join() {
    if (parameters.send_join == 0) return send_join();
    if (!timers.armed(Timer::send_join)) arm(Timer::send_join, effects.random_up_to(parameters.send_join));
}

void Ring::Impl::send_join() {
    wire::Join packet;
    packet.header = header(wire::PacketType::join);
    packet.system_from = config.self;
    packet.proc_list = gathering.proc;
    packet.failed_list = gathering.failed;
    packet.ring_seq = ring_id.seq;
    ++counters.memb_join_tx;
    outbox.multicast(packet);
}

// Section 20: did we not run for so long that what waits in the sockets is history? True if the packet at hand is,
// too.
bool Ring::Impl::paused() {
    const Duration pause = now - last_pause_check;
    if (pause <= ms(parameters.token) / 2) return false;
    observer.pause_detected(pause);
    last_pause_check = now;
    const bool own = outbox.clear_inbox();
    return effects.discard_pending_input() || own;
}

void Ring::Impl::on_join(const wire::Join& join) {
    if (join.ring_seq > kMaxPlausibleRingSeq) return implausible();
    if (paused()) return;
    highest_ring_seq = std::max(highest_ring_seq, join.ring_seq);
    if (outdated_own(join)) return;
    Identity sender = join.system_from;
    if (join.is_leave() && !join.failed_list.empty()) {
        if (gathering.left_cleanly.size() < kMaxNodes) insert(gathering.left_cleanly, join.failed_list.back());
        observer.leave_received(join.failed_list.back());
        // A leave of the 2.x dialect names its sender without node id; the list has it in full.
        if (join.failed_list.back() == sender) sender = join.failed_list.back();
    }
    if (!join.is_leave() && sender != config.self) {
        observer.join_received(sender, join.proc_list, join.failed_list);
    }
    hear(sender);
    switch (state()) {
        case State::operational:
            if (contains(join.failed_list, config.self)) return;
            if (contains(members, sender) ? join.ring_seq < ring_id.seq : shy()) return;
            return on_join_gathering(join, sender);
        case State::gather:
            return on_join_gathering(join, sender);
        case State::commit:
        case State::recovery:
            break;
    }
    if (!contains(ring_members, sender)) return;
    // Its sender is not in the ring being formed yet. If it knows of more nodes than we did it will refuse our commit
    // token; upstream waits out a token timeout to learn so.
    const bool refuses = state() == State::commit && !is_subset(join.proc_list, gathering.proc);
    if (join.ring_seq < ring_id.seq && !refuses) return;
    // Or a member of that ring gave up. (Where its lists agree with ours upstream may commit and at once gather again;
    // gathering once says the same.)
    merge_join(join, sender);
    if (state() == State::recovery) {
        ++counters.recovery_token_lost;
        return enter_gather(GatherReason::join_recovery);
    }
    enter_gather(GatherReason::join_commit);
}

void Ring::Impl::hear(const Identity& sender) {
    std::erase(silent, sender);
    if (std::erase(gathering.suspects, sender) > 0) believe_closed_ports_from = now + 10 * ms(parameters.token);
    if (gathering.heard.size() < kMaxNodes) insert(gathering.heard, sender);
}

// Our own join that says something else than we would now. After a quick restart it may be the leave of the life
// before, which fails us.
bool Ring::Impl::outdated_own(const wire::Join& join) const {
    if (join.system_from != config.self) return false;
    return state() != State::gather || !same_set(join.proc_list, gathering.proc) ||
           !same_set(join.failed_list, gathering.failed);
}

// OPERATIONAL, but not yet to be approached by strangers (phases.hpp)?
bool Ring::Impl::shy() const {
    const auto* operational = std::get_if<OperationalPhase>(&phase);
    return operational && (!operational->settled || now < operational->quiet_until);
}

// 13.2 in OPERATIONAL and GATHER.
void Ring::Impl::on_join_gathering(const wire::Join& join, const Identity& sender) {
    auto* gather = std::get_if<GatherPhase>(&phase);
    if (same_set(join.proc_list, gathering.proc) && same_set(join.failed_list, gathering.failed)) {
        if (gather && !join.is_leave()) insert(gather->consensus, sender);
        if (gather) return try_commit();
    } else if (merge_join(join, sender)) {
        enter_gather(GatherReason::merge_during_join);
        // What we have just learnt of the sender we agree with it about; upstream waits for it to say so again.
        gather = std::get_if<GatherPhase>(&phase);
        if (!gather || join.is_leave() || !same_set(join.proc_list, gathering.proc)) return;
        if (!same_set(join.failed_list, gathering.failed)) return;
        insert(gather->consensus, sender);
        return try_commit();
    } else if (gather && !is_subset(join.failed_list, gathering.failed)) {
        // It fails somebody we do not, and its opinion does not bind us: no longer agreed.
        std::erase(gather->consensus, sender);
    }
    if (!gather) enter_gather(GatherReason::join_operational);
}

// 13.2 steps 3 and 4: takes what is new to us; false if nothing changed. Upstream gathers again, with a new consensus
// timer, even if all the news is a foreign partition's failed list, which it then ignores: nodes that have failed
// different others answer each other's joins for ever, each answer with several more.
bool Ring::Impl::merge_join(const wire::Join& join, const Identity& sender) {
    if (contains(gathering.failed, sender)) return false;
    NodeSet proc = gathering.proc, failed = gathering.failed;
    insert(proc, difference(join.proc_list, silent));
    if (contains(join.failed_list, config.self)) {
        insert(failed, sender);  // who fails us is failed by us
    } else if (contains(members, sender)) {
        insert(failed, join.failed_list);
    }  // else another partition's opinion, which does not bind us
    if (proc.size() > kMaxNodes || failed.size() > kMaxNodes) {
        implausible();
        return false;
    }
    if (proc.size() == gathering.proc.size() && failed.size() == gathering.failed.size()) {
        return planted(Bug::answer_every_refusal) && !is_subset(join.failed_list, failed);
    }
    gathering.proc = std::move(proc);
    gathering.failed = std::move(failed);
    return true;
}

bool Ring::Impl::agreed() const {
    const auto* gather = std::get_if<GatherPhase>(&phase);
    return gather && is_subset(difference(gathering.proc, gathering.failed), gather->consensus);
}

// 13.2 step 2.
void Ring::Impl::try_commit() {
    if (!agreed()) return;
    if (gathering.failed_to_receive) {
        gathering.failed_to_receive = false;
        gathering.proc = {config.self};
        gathering.failed.clear();
        return create_commit_token();
    }
    const NodeSet candidates = difference(gathering.proc, gathering.failed);
    if (candidates.empty()) return;
    if (*std::min_element(candidates.begin(), candidates.end()) == config.self) create_commit_token();
}

// Ours; see Ring::port_closed().
void Ring::Impl::suspect(const Identity& node) {
    if (state() != State::operational || !pace.watches_processes() || now < believe_closed_ports_from) return;
    if (node == config.self || !contains(members, node)) return;
    insert(gathering.suspects, node);
    observer.process_suspected(node);
    enter_gather(GatherReason::process_gone);
    arm(Timer::suspicion, 2 * parameters.join);
}

// Only if nobody but suspects is missing: else it is rather our network that is gone.
void Ring::Impl::suspicion_timeout() {
    const auto* gather = std::get_if<GatherPhase>(&phase);
    if (gather == nullptr || gathering.suspects.empty()) return;
    const NodeSet missing = difference(difference(gathering.proc, gathering.failed), gather->consensus);
    if (missing.empty() || !is_subset(missing, gathering.suspects)) return;
    insert(gathering.failed, missing);
    insert(silent, difference(missing, gathering.heard));
    enter_gather(GatherReason::process_gone);
}

// 13.3
void Ring::Impl::consensus_timeout() {
    ++counters.consensus_timeouts;
    auto& gather = std::get<GatherPhase>(phase);
    if (agreed()) {
        gather.consensus = {config.self};
        // The lowest node has this long to produce a commit token.
        return arm(Timer::token_loss, parameters.token);
    }
    const NodeSet refused = difference(gathering.proc, gather.consensus);
    insert(gathering.failed, refused);
    insert(silent, difference(refused, gathering.heard));
    if (silent.size() > kMaxNodes) silent.erase(silent.begin(), silent.end() - kMaxNodes);
    enter_gather(GatherReason::consensus_timeout);
}

}  // namespace totem::srp
