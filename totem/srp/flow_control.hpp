#pragma once
// Flow control by the token's fcc and backlog fields (totem-srp.md section 9). All arithmetic is
// modulo 2^32, as the peers do it.

#include <algorithm>
#include <cstdint>

#include "totem/srp/pace.hpp"
#include "totem/srp/seq.hpp"

namespace totem::srp {

class FlowControl {
public:
    void clear() { *this = FlowControl{}; }

    // How many messages this visit may send (9.1); `backlog` is the number that wait here.
    std::uint32_t limit(const Limits& limits, std::uint32_t fcc, std::uint32_t ring_backlog, std::uint32_t backlog) {
        current_backlog_ = backlog;
        std::uint32_t allowed = std::min(limits.max_messages, limits.window_size - fcc);
        const std::uint32_t total = ring_backlog + current_backlog_ - previous_backlog_;
        if (total != 0) {
            const std::uint32_t share = limits.window_size * previous_backlog_ / total;
            if (share > 0) allowed = std::min(allowed, share);
        }
        return allowed;
    }

    // After `sent` messages, new and retransmitted (9.3).
    void account(std::uint32_t sent, std::uint32_t& fcc, std::uint32_t& ring_backlog) {
        fcc += sent - sent_last_visit_;
        ring_backlog += current_backlog_ - previous_backlog_;
        sent_last_visit_ = sent;
        previous_backlog_ = current_backlog_;
    }

    std::uint32_t current_backlog() const { return current_backlog_; }

private:
    std::uint32_t sent_last_visit_ = 0;   // trc
    std::uint32_t previous_backlog_ = 0;  // pbl
    std::uint32_t current_backlog_ = 0;   // cbl
};

}  // namespace totem::srp
