#pragma once
// Deliberate protocol bugs, to prove that the simulator's oracles can fail.
//
// A place in the product that can misbehave asks planted(Bug::x). In every ordinary build that is
// the constant false and the branch vanishes; only the simulator links machines compiled with
// TOTEM_PLANTED_BUGS, where one bug per process can be switched on. Each names the rule of
// totem-srp.md section 24 (or of the services) it breaks.

#include <cstdint>

namespace totem {

enum class Bug : std::uint8_t {
    none,
    forget_self_in_transitional,   // I2
    ring_seq_not_persisted,        // I3
    skip_transitional,             // I4
    joined_names_everybody,        // I5
    transitional_by_ring_only,     // I6
    deliver_over_gaps,             // I7, I11
    reassign_sequence,             // I8
    deliver_duplicates,            // I7, I9
    skip_recovery,                 // I10
    deliver_departed_originators,  // I12
    drop_own_after_transitional,   // I13
    lifo_send_queue,               // I14
    free_after_one_aru,            // I15
    handle_retransmitted_token,    // I16
    aru_above_seq,                 // I17
    ignore_flow_control,           // I18
    deliver_uncommitted_ring,      // I19
    lose_hold_cancel_and_merge,    // I20
    never_hold_token,              // I21
    lose_middle_fragments,         // pg: contents
    keep_old_transitional,         // sync: what services are told
    activate_before_barrier,       // sync
    cpg_keep_joinlists,            // cpg: ghost members
    cpg_ignore_nodedown,           // cpg: ghost members
    cpg_deliver_twice,             // cpg
    cpg_apply_join_on_send,        // cpg: order of confchgs
    cpg_leave_overtakes_join,      // cpg: ghost members
    answer_every_refusal,          // I20: joins without end
    vote_count_departed,           // votes: two quorate partitions
    vote_half_is_enough,           // votes: two quorate partitions
    never_reenable_network,        // redundant networks: one that is well again is not used
    never_mark_network,            // ... a dead one is used for ever
    wait_for_dead_network,         // ... and the token waits for it
    cfs_forget_to_resend,          // store: every write is answered
    cfs_send_while_syncing,        // store: equal trees
    cfs_forget_state,              // store: a sync ends
    cfs_write_without_quorum,      // store: a minority never writes
    cfs_follow_the_oldest,         // store: acknowledged writes stay
    cfs_unlock_at_once,            // store: one holder of a lock
    cfs_skip_last_update,          // store: a sync ends
    cfs_acknowledge_early,         // store: what is acknowledged is on disk
};

#ifdef TOTEM_PLANTED_BUGS
inline Bug& planted_bug() {
    static Bug bug = Bug::none;
    return bug;
}
inline bool planted(Bug bug) {
    return planted_bug() == bug;
}
#else
constexpr bool planted(Bug) {
    return false;
}
#endif

}  // namespace totem
