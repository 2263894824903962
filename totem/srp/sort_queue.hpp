#pragma once
// The message window of a ring: slots for kWindow consecutive sequence numbers (totem-srp.md
// section 3, "sort queue"). The head moves up when messages are released; what lies outside is out
// of range. Allocates once, at construction.

#include <bit>
#include <cstdint>
#include <vector>

#include "totem/base/frame_pool.hpp"
#include "totem/srp/seq.hpp"
#include "totem/wire/types.hpp"

namespace totem::srp {

// A message as it is kept until all members hold it.
struct StoredMessage {
    FrameRef frame;                  // the sender's bytes
    std::uint32_t offset = 0;        // where the MCAST starts: not 0 for one unpacked from a recovery message
    NodeId originator = 0;           //
    ByteOrder order = kNativeOrder;  // of the originator

    Bytes bytes() const { return frame.bytes().subspan(offset); }
};

class SortQueue {
public:
    SortQueue() : slots_(kWindow) {}

    // Empties the queue; `head` is the first sequence number it will accept.
    void reset(Seq head) {
        for (; head_ != end_; ++head_)
            at(head_) = Slot{};
        head_ = end_ = head;
    }

    Seq head() const { return head_; }
    bool in_range(Seq seq) const { return seq - head_ < kWindow; }
    bool contains(Seq seq) const { return in_range(seq) && at(seq).message.frame; }
    // Null if out of range or missing.
    const StoredMessage* find(Seq seq) const { return contains(seq) ? &at(seq).message : nullptr; }

    // False, and nothing changes, if `seq` is out of range or already present.
    bool add(Seq seq, StoredMessage&& message) {
        if (!in_range(seq) || at(seq).message.frame) return false;
        touch(seq);
        at(seq) = Slot{std::move(message), 0};
        return true;
    }

    // Another token visit at which `seq`, in range, is missing; returns how many there were.
    std::uint32_t count_miss(Seq seq) {
        touch(seq);
        return ++at(seq).misses;
    }

    // Frees everything up to and including `seq` and moves the head behind it.
    void release_through(Seq seq) {
        if (!in_range(seq)) return;
        touch(seq);
        for (; head_ != seq + 1; ++head_)
            at(head_) = Slot{};
    }

private:
    struct Slot {
        StoredMessage message;
        std::uint32_t misses = 0;
    };
    // kWindow divides 2^32, so indices stay continuous across the wrap of the sequence numbers.
    static_assert(std::has_single_bit(kWindow));
    Slot& at(Seq seq) { return slots_[seq & (kWindow - 1)]; }
    const Slot& at(Seq seq) const { return slots_[seq & (kWindow - 1)]; }
    void touch(Seq seq) {
        if (seq - head_ >= end_ - head_) end_ = seq + 1;
    }

    std::vector<Slot> slots_;
    Seq head_ = 1;
    Seq end_ = 1;  // behind the last slot in use since the reset, so that a reset need not visit all
};

}  // namespace totem::srp
