#pragma once
// Everything the ring sends: encodes packets into pool frames, hands them to Effects, remembers what
// has to be flushed, and keeps the ring's own copies of its multicasts.

#include <array>
#include <cstddef>
#include <vector>

#include "totem/base/frame_pool.hpp"
#include "totem/srp/interfaces.hpp"
#include "totem/wire/codec.hpp"

namespace totem::srp {

class Outbox {
public:
    Outbox(Dialect dialect, FramePool& pool, Effects& effects)
        : codec_(dialect), layout_(wire::layout(dialect)), pool_(pool), effects_(effects) {}

    FrameRef encode(const wire::Token& token);
    FrameRef encode(const wire::CommitToken& token);

    void unicast(const FrameRef& frame, const Identity& target);
    // An ordered message. Our own copy is in the sort queue already.
    void multicast_message(const FrameRef& frame);
    // The same, but with the next flush(), behind everything else.
    void multicast_behind_token(const FrameRef& frame);
    // To everybody; our own copy waits in the inbox (totem-wire.md section 9.1: deferred, never from
    // within the send).
    void multicast(const wire::Join& join);
    void multicast(const wire::MergeDetect& merge);
    void multicast(const wire::HoldCancel& cancel);
    // As a join, but we do not stay to hear it.
    void multicast_leave(const wire::Join& leave);

    // Whether frames were handed to Effects since the last flush().
    bool dirty() const { return dirty_; }
    void flush();

    bool inbox_empty() const { return inbox_size_ == 0; }
    std::size_t inbox_size() const { return inbox_size_; }
    FrameRef take_own();  // only if not empty
    // True if there was anything.
    bool clear_inbox();

private:
    template <typename Packet>
    FrameRef encode(const Packet& packet, std::size_t size);
    FrameRef encode_join(const wire::Join& join);
    void multicast_and_keep(const FrameRef& frame);

    wire::Codec codec_;
    const wire::Layout& layout_;
    FramePool& pool_;
    Effects& effects_;
    bool dirty_ = false;
    std::vector<FrameRef> behind_token_;
    // Few packets per event; should they ever pile up, the oldest is lost as on any network.
    std::array<FrameRef, 16> inbox_;
    std::size_t inbox_first_ = 0, inbox_size_ = 0;
};

}  // namespace totem::srp
