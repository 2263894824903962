#pragma once
// A ring for process groups that keeps what they submit.

#include <cstdint>
#include <deque>
#include <vector>

#include "totem/pg/ring_port.hpp"

namespace totem::fuzz {

class Port final : public pg::RingPort {
public:
    static constexpr std::size_t kCapacity = 64, kOffset = 99;

    FrameRef frame_for_payload(std::size_t payload_size) override { return pool_.allocate(kOffset + payload_size); }
    std::size_t payload_offset() const override { return kOffset; }
    bool submit(FrameRef frame) override {
        if (queue_.size() >= kCapacity) return false;
        const Bytes payload = frame.bytes().subspan(kOffset);
        queue_.emplace_back(payload.begin(), payload.end());
        return true;
    }
    std::size_t room() const override { return queue_.size() + 2 < kCapacity ? kCapacity - queue_.size() - 2 : 0; }
    std::size_t capacity() const override { return kCapacity; }
    void request_token() override {}

    bool empty() const { return queue_.empty(); }
    // The oldest packet.
    std::vector<std::uint8_t> take() {
        std::vector<std::uint8_t> packet = std::move(queue_.front());
        queue_.pop_front();
        return packet;
    }
    void clear() { queue_.clear(); }

private:
    FramePool pool_;
    std::deque<std::vector<std::uint8_t>> queue_;
};

}  // namespace totem::fuzz
