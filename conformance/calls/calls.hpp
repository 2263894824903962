#pragma once
// Calls of libcpg, libcmap, libcfg, libquorum, libvotequorum and libsam that no command line tool makes, each printed
// with its outcome: the same program runs against totemd and against a real corosync, and what it prints must be the
// same.

#include <fmt/format.h>

#include <string>

namespace calls {

// One line of outcomes: Said()("start", start())("stop", stop()); the calls are made in that order.
class Said {
public:
    Said() = default;
    ~Said() { fmt::print("\n"); }
    Said(const Said&) = delete;
    Said& operator=(const Said&) = delete;

    template <typename T>
    Said& operator()(const char* call, const T& outcome) {
        fmt::print("  {} {}", call, outcome);
        return *this;
    }
};

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

void cpg_group();
void cpg_models();
void sam();
void cmap_typed();
void handles();

}  // namespace calls
