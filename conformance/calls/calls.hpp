#pragma once
// Calls of libcmap, libcfg, libquorum and libvotequorum that no command line tool makes, each printed with its outcome:
// the same program runs against totemd and against a real corosync, and what it prints must be the same.

#include <string>

namespace calls {

void cmap_values();
void cmap_iteration();
void cmap_tracking();
void cmap_stats();
void cfg_questions();
// A tracker that answers `reply` (yes, no, none, leave) to another handle's try-shutdown with `flags`. The daemon is
// left running only if the reply is no.
void cfg_vote(const std::string& reply, int flags);

// In a ring of so many nodes, one vote each, without a device.
void quorum_both_models();
void votequorum_votes(unsigned nodes);
// On the node `own`, with a device of one vote configured.
void votequorum_device(unsigned own);

}  // namespace calls
