#pragma once
// A node that sends alone, and all the time. Its clients' messages come in small portions; where each of them leaves
// at once, every member wakes up for every one. So the token stays there and portions are gathered for a short time.
//
// That is for clients that send what they can. A client that waits for its messages before it sends more would wait
// longer. Which kind they are shows when gathering is tried: it is given up where much less is sent than without, and
// tried less and less often.

#include <algorithm>
#include <cstdint>
#include <optional>

#include "totem/base/time.hpp"

namespace totem::srp {

class StreamGathering {
public:
    // After every visit of the token, and whenever messages leave while it stays: how many the layers above had for it
    // since it was last sent or kept, and whether nobody else has sent any.
    void sent(Instant now, std::uint32_t messages, bool alone) {
        if (!alone) {
            *this = StreamGathering();
            return;
        }
        if (!began_) begin_period(now);
        messages_ += messages;
        if (now - *began_ >= kPeriod) end_period(now);
    }

    bool active() const { return active_; }

    static constexpr Duration kLongest = std::chrono::milliseconds(1);
    static constexpr std::uint32_t kEnough = 16;  // packets, for which nothing has to be waited for

private:
    static constexpr Duration kPeriod = std::chrono::milliseconds(50);
    static constexpr std::uint32_t kWorthIt = 10;  // messages in the time they may be gathered for
    static constexpr double kTolerated = 0.5;      // scheduling alone makes a difference
    static constexpr unsigned kPeriodsOfUse = 20, kFirstPause = 20, kLongestPause = 1280;

    static double seconds(Duration time) { return std::chrono::duration<double>(time).count(); }

    void begin_period(Instant now) {
        began_ = now;
        messages_ = 0;
    }

    void end_period(Instant now) {
        // Periods are not of equal length: the last portion may be late.
        const double rate = static_cast<double>(messages_) / seconds(now - *began_);
        const bool stream = rate * seconds(kLongest) >= kWorthIt;
        const bool slowed = active_ && rate < rate_without_ * kTolerated;
        if (!active_) rate_without_ = rate;
        if (periods_left_ > 0) --periods_left_;
        if (!stream) {
            active_ = false;
            periods_left_ = 0;
        } else if (slowed) {
            active_ = false;
            periods_left_ = pause_;
            pause_ = std::min(2 * pause_, kLongestPause);
        } else if (periods_left_ == 0) {
            // From time to time for a period without: the rate to compare with may have changed.
            active_ = !active_;
            periods_left_ = active_ ? kPeriodsOfUse : 0;
        }
        begin_period(now);
    }

    bool active_ = false;
    std::optional<Instant> began_;  // the period
    std::uint64_t messages_ = 0;
    double rate_without_ = 0;  // messages a second
    unsigned periods_left_ = 0;
    unsigned pause_ = kFirstPause;  // periods between trials
};

}  // namespace totem::srp
