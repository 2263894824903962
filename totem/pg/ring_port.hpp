#pragma once
// What process groups need from the ring below them. Keeping it this small lets the packing and
// assembly be driven without a ring; totem/stack adapts srp::Ring to it.

#include <cstddef>

#include "totem/base/frame_pool.hpp"

namespace totem::pg {

class RingPort {
public:
    virtual ~RingPort() = default;
    // A frame with room for `payload_size` bytes of payload at payload_offset().
    virtual FrameRef frame_for_payload(std::size_t payload_size) = 0;
    virtual std::size_t payload_offset() const = 0;
    // Queues one packet; false if the queue is full (nothing queued).
    virtual bool submit(FrameRef frame) = 0;
    // Free slots of the queue submit() currently uses less two, and the slots of one queue.
    virtual std::size_t room() const = 0;
    virtual std::size_t capacity() const = 0;
    // Something waits for the next token.
    virtual void request_token() = 0;
};

}  // namespace totem::pg
