#pragma once
// What belongs to one state of totem-srp.md section 6 and to no other. Entering a state makes its
// value, leaving it drops it.

#include <variant>
#include <vector>

#include "totem/base/frame_pool.hpp"
#include "totem/base/time.hpp"
#include "totem/srp/node_set.hpp"
#include "totem/srp/seq.hpp"

namespace totem::srp {

// A new ring does not answer strangers at once; they repeat themselves.
struct OperationalPhase {
    // The token has come round since we entered, so all members are operational. Before, our join
    // would throw those who are still in RECOVERY back; they would gather with what they thought of
    // the stranger then, and so on, for ever if recovery takes long.
    bool settled = false;
    // We formed the ring without nodes that we had failed. They learn it, fail us, form rings of their own,
    // and what they said meanwhile is still under way. Nodes that answer each other's past, first "you and
    // I" and then "without you", take turns in forming rings alone. token_retransmit is what the
    // protocol takes for longer than a message and its answer need; of 3.x's default timeouts it would keep out a node
    // that was restarted for most of a second.
    Instant quiet_until{};
    static constexpr std::uint32_t kLongestQuiet = 238;  // ms; 2.x's of a token timeout of a second
};

struct GatherPhase {
    NodeSet consensus;  // whose joins agree with ours
};

struct CommitPhase {};

struct RecoveryPhase {
    // Members of the old ring that come along, in old ring order. Also those whose messages are still
    // delivered after the transitional configuration: upstream keeps that list apart and sets it to
    // this one whenever there is anything left to deliver (section 27 quirk 5).
    NodeSet transitional;
    // Old-ring messages we hold and others may miss, waiting to be sent encapsulated.
    std::vector<FrameRef> to_resend;
    std::size_t resent = 0;
    std::size_t waiting() const { return to_resend.size() - resent; }

    bool we_set_retrans_flg = false;
    std::uint32_t visits_without_flg = 0;  // retrans_flg_count
    Seq install_seq = 0;
    std::uint32_t rotations_complete = 0;  // rotation_counter

    // The representative starts the regular token when the second rotation of the commit token is
    // over; token_seq tells it from late copies of the first (section 27 quirk 15).
    bool initial_token_sent = false;
    std::uint32_t second_rotation_token_seq = 0;
};

// Alternatives in the order of State, which starts with 1.
using Phase = std::variant<OperationalPhase, GatherPhase, CommitPhase, RecoveryPhase>;

}  // namespace totem::srp
