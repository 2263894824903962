#pragma once
// The protocol's timers (totem-srp.md section 5) as deadlines; the driver asks for the earliest.

#include <array>
#include <cstddef>

#include "totem/base/time.hpp"

namespace totem::srp {

enum class Timer : std::uint8_t {
    token_loss,
    token_retransmit,
    hold,
    merge_detect,
    join,
    send_join,  // the random delay before a join
    suspicion,  // the time of a suspect to answer
    consensus,
    pause,
    heartbeat,
    token_warning,
};

class Timers {
public:
    static constexpr std::size_t kCount = static_cast<std::size_t>(Timer::token_warning) + 1;

    Timers() { cancel_all(); }

    // Restarts the timer if it is running.
    void arm(Timer timer, Instant deadline) { at(timer) = deadline; }
    void cancel(Timer timer) { at(timer) = kNever; }
    void cancel_all() { deadlines_.fill(kNever); }
    bool armed(Timer timer) const { return deadlines_[static_cast<std::size_t>(timer)] != kNever; }

    struct Next {
        Timer timer;
        Instant deadline;  // kNever if none is armed
    };
    Next next() const {
        std::size_t first = 0;
        for (std::size_t i = 1; i < kCount; ++i) {
            if (deadlines_[i] < deadlines_[first]) first = i;
        }
        return {static_cast<Timer>(first), deadlines_[first]};
    }

private:
    Instant& at(Timer timer) { return deadlines_[static_cast<std::size_t>(timer)]; }
    std::array<Instant, kCount> deadlines_;
};

}  // namespace totem::srp
