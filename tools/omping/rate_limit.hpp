#pragma once
// How many requests of a peer are answered: the generic cell rate algorithm with bursts of five. Spec section 8.

#include "totem/base/time.hpp"

namespace tools::omping {

class RateLimit {
public:
    // 0: none.
    explicit RateLimit(totem::Duration interval) : interval_(interval) {}

    bool admits(totem::Instant now) {
        if (interval_ == totem::Duration::zero()) return true;
        const totem::Duration tolerance = kBurst * interval_;
        if (next_ != totem::Instant{} && now < next_ - tolerance) return false;
        next_ = std::max(now, next_) + interval_;
        return true;
    }

private:
    static constexpr int kBurst = 5;

    totem::Duration interval_;
    totem::Instant next_{};
};

}  // namespace tools::omping
