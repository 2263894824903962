#include "tests/sim/bugs.hpp"

#include <algorithm>
#include <array>

namespace totem::sim {
namespace {

constexpr std::array kBugs{
    BugInfo{Bug::forget_self_in_transitional, "forget-self-in-transitional", "I2 self-inclusion"},
    BugInfo{Bug::ring_seq_not_persisted, "ring-seq-not-persisted", "I3 growing ring numbers"},
    BugInfo{Bug::skip_transitional, "skip-transitional", "I4 transitional before regular"},
    BugInfo{Bug::joined_names_everybody, "joined-names-everybody", "I5 meaning of left and joined"},
    BugInfo{Bug::transitional_by_ring_only, "transitional-by-ring-only", "I6 transitional agreement"},
    BugInfo{Bug::reassign_sequence, "reassign-sequence", "I8 one content per number"},
    BugInfo{Bug::deliver_duplicates, "deliver-duplicates", "I9 integrity"},
    BugInfo{Bug::skip_recovery, "skip-recovery", "I10 virtual synchrony"},
    BugInfo{Bug::deliver_over_gaps, "deliver-over-gaps", "I11 no gaps"},
    BugInfo{Bug::deliver_departed_originators, "deliver-departed-originators", "I12 only those who come along"},
    BugInfo{Bug::drop_own_after_transitional, "drop-own-after-transitional", "I13 self-delivery"},
    BugInfo{Bug::lifo_send_queue, "lifo-send-queue", "I14 send order"},
    BugInfo{Bug::free_after_one_aru, "free-after-one-aru", "I15 safe freeing"},
    BugInfo{Bug::aru_above_seq, "aru-above-seq", "I17 what the token says"},
    BugInfo{Bug::handle_retransmitted_token, "handle-retransmitted-token", "I16 token uniqueness"},
    BugInfo{Bug::ignore_flow_control, "ignore-flow-control", "I18 flow control"},
    BugInfo{Bug::deliver_uncommitted_ring, "deliver-uncommitted-ring", "I19 exclusion"},
    BugInfo{Bug::answer_every_refusal, "answer-every-refusal", "liveness: joins without end"},
    BugInfo{Bug::lose_hold_cancel_and_merge, "lose-hold-cancel-and-merge", "I20 convergence"},
    BugInfo{Bug::never_hold_token, "never-hold-token", "I21 idle cost"},
    BugInfo{Bug::lose_middle_fragments, "lose-middle-fragments", "contents of long messages"},
    BugInfo{Bug::keep_old_transitional, "keep-old-transitional", "what services are told"},
    BugInfo{Bug::activate_before_barrier, "activate-before-barrier", "synchronisation"},
    BugInfo{Bug::cpg_keep_joinlists, "cpg-keep-joinlists", "cpg ghost members"},
    BugInfo{Bug::cpg_ignore_nodedown, "cpg-ignore-nodedown", "cpg ghost members"},
    BugInfo{Bug::cpg_deliver_twice, "cpg-deliver-twice", "cpg double delivery"},
    BugInfo{Bug::cpg_apply_join_on_send, "cpg-apply-join-on-send", "cpg order of membership events"},
    BugInfo{Bug::cpg_leave_overtakes_join, "cpg-leave-overtakes-join", "cpg ghost members"},
    BugInfo{Bug::vote_count_departed, "vote-count-departed", "one quorate partition"},
    BugInfo{Bug::vote_half_is_enough, "vote-half-is-enough", "one quorate partition"},
    BugInfo{Bug::never_reenable_network, "never-reenable-network", "a network that is well is used"},
    BugInfo{Bug::never_mark_network, "never-mark-network", "a dead network is not used"},
    BugInfo{Bug::wait_for_dead_network, "wait-for-dead-network", "a dead network costs no token for long"},
};

}  // namespace

std::span<const BugInfo> planted_bugs() {
    return kBugs;
}

std::optional<Bug> find_bug(std::span<const BugInfo> bugs, std::string_view name) {
    const auto found = std::ranges::find(bugs, name, &BugInfo::name);
    return found == bugs.end() ? std::nullopt : std::optional(found->bug);
}

void plant(Bug bug) {
    planted_bug() = bug;
}

}  // namespace totem::sim
