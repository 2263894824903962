#pragma once
// Messages from totempg that wait for the token (totem-srp.md section 3). Allocates once.

#include <cstddef>
#include <vector>

#include "totem/base/frame_pool.hpp"

namespace totem::srp {

class SendQueue {
public:
    // One slot always stays free: full at capacity - 1.
    explicit SendQueue(std::size_t capacity) : slots_(capacity < 2 ? 2 : capacity) {}

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    bool full() const { return size_ + 1 >= slots_.size(); }
    // What totempg may count on: capacity less two.
    std::size_t room() const { return size_ + 2 >= slots_.size() ? 0 : slots_.size() - 2 - size_; }

    // Only if not full.
    void push(FrameRef frame) {
        slots_[(first_ + size_) % slots_.size()] = std::move(frame);
        ++size_;
    }
    // Only if not empty.
    FrameRef pop() {
        FrameRef frame = std::move(slots_[first_]);
        first_ = (first_ + 1) % slots_.size();
        --size_;
        return frame;
    }

private:
    std::vector<FrameRef> slots_;
    std::size_t first_ = 0, size_ = 0;
};

}  // namespace totem::srp
