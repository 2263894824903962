#include "totem/srp/interfaces.hpp"

namespace totem::srp {

std::string_view describe(State state) {
    switch (state) {
        case State::operational:
            return "OPERATIONAL";
        case State::gather:
            return "GATHER";
        case State::commit:
            return "COMMIT";
        case State::recovery:
            return "RECOVERY";
    }
    return "";
}

// totem-srp.md section 26
std::string_view describe(GatherReason reason) {
    switch (reason) {
        case GatherReason::consensus_timeout:
            return "consensus timeout";
        case GatherReason::token_lost_operational:
            return "The token was lost in the OPERATIONAL state.";
        case GatherReason::consensus_timeout_expired:
            return "The consensus timeout expired.";
        case GatherReason::token_lost_commit:
            return "The token was lost in the COMMIT state.";
        case GatherReason::token_lost_recovery:
            return "The token was lost in the RECOVERY state.";
        case GatherReason::failed_to_receive:
            return "failed to receive";
        case GatherReason::foreign_message_operational:
            return "foreign message in operational state";
        case GatherReason::foreign_message_gather:
            return "foreign message in gather state";
        case GatherReason::merge_operational:
            return "merge during operational state";
        case GatherReason::merge_gather:
            return "merge during gather state";
        case GatherReason::merge_during_join:
            return "merge during join";
        case GatherReason::join_operational:
            return "join during operational state";
        case GatherReason::join_commit:
            return "join during commit state";
        case GatherReason::join_recovery:
            return "join during recovery";
        case GatherReason::process_gone:
            return "the process of a member seems to be gone";
        case GatherReason::interface_change:
            return "interface change";
    }
    return "";
}

}  // namespace totem::srp
