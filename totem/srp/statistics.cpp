// Section 23.
#include "totem/srp/machine.hpp"

namespace totem::srp {

Statistics Ring::statistics(Instant now) const {
    Statistics out = impl_->counters;
    impl_->history.average(out);
    if (now > impl_->last_token && impl_->running) {
        const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - impl_->last_token);
        out.time_since_token_last_received = static_cast<std::uint64_t>(elapsed.count());
    }
    return out;
}

void Ring::clear_statistics() {
    // Not a counter but the state of the current attempt to form a ring.
    const std::uint32_t continuous_gather = impl_->counters.continuous_gather;
    const RotationHistogram rotation = impl_->counters.rotation;
    impl_->counters = Statistics{};
    impl_->counters.continuous_gather = continuous_gather;
    impl_->counters.rotation = rotation;
    impl_->history.clear();
}

}  // namespace totem::srp
