#pragma once
// What a node has received, delivered and freed on one ring.
//
// While a ring is being formed there are two: the old ring's, frozen at the first commit, and the new
// ring's, used by RECOVERY. Giving up an attempt is therefore nothing but dropping the second, which
// is what upstream does by saving and restoring the old state (totem-srp.md sections 6 and 14).

#include "totem/srp/sort_queue.hpp"

namespace totem::srp {

struct Window {
    RingId ring;
    SortQueue queue;
    Seq aru = 0;                // all received up to
    Seq high_seq_received = 0;  // highest received or sent
    Seq high_delivered = 0;
    Seq last_released = 0;

    // Empty, for a ring whose first message is 1.
    void open(const RingId& id) {
        ring = id;
        queue.reset(1);
        aru = high_seq_received = high_delivered = last_released = 0;
    }

    // False if out of range or already held.
    bool store(Seq seq, StoredMessage&& message) {
        if (!queue.add(seq, std::move(message))) return false;
        high_seq_received = later(high_seq_received, seq);
        return true;
    }

    void advance_aru() {
        while (queue.contains(aru + 1))
            ++aru;
    }

    void release_through(Seq seq) {
        queue.release_through(seq);
        last_released = seq;
    }
};

}  // namespace totem::srp
