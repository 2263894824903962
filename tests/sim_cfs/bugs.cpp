#include "tests/sim_cfs/bugs.hpp"

#include <array>

namespace totem::sim {
namespace {

constexpr std::array kBugs{
    BugInfo{Bug::cfs_forget_to_resend, "cfs-forget-to-resend", "every write is answered"},
    BugInfo{Bug::cfs_send_while_syncing, "cfs-send-while-syncing", "members have equal trees"},
    BugInfo{Bug::cfs_forget_state, "cfs-forget-state", "a sync ends"},
    BugInfo{Bug::cfs_write_without_quorum, "cfs-write-without-quorum", "a minority does not write"},
    BugInfo{Bug::cfs_follow_the_oldest, "cfs-follow-the-oldest", "acknowledged writes stay"},
    BugInfo{Bug::cfs_unlock_at_once, "cfs-unlock-at-once", "one holder of a lock"},
    BugInfo{Bug::cfs_skip_last_update, "cfs-skip-last-update", "a sync ends"},
    BugInfo{Bug::cfs_acknowledge_early, "cfs-acknowledge-early", "what is acknowledged is on disk"},
};

}  // namespace

std::span<const BugInfo> planted_store_bugs() {
    return kBugs;
}

}  // namespace totem::sim
