#pragma once
// Notices that the process was not given the processor in time. Spec corosync-conf.md section 13. Sans-I/O:
// look() is to be called every interval().

#include <optional>

#include "totem/base/time.hpp"
#include "totem/srp/parameters.hpp"

namespace engine {

class ScheduleWatch {
public:
    explicit ScheduleWatch(std::uint32_t token) : token_(token) {}

    void set_token(std::uint32_t token) { token_ = token; }
    totem::Duration interval() const { return totem::srp::ms(token_) / 3; }
    totem::Duration threshold() const { return totem::srp::ms(token_) * 4 / 5; }

    // The time since the last look, if it was too long.
    std::optional<totem::Duration> look(totem::Instant now) {
        const auto last = std::exchange(last_, now);
        return last && now - *last > threshold() ? std::optional(now - *last) : std::nullopt;
    }

private:
    std::uint32_t token_;
    std::optional<totem::Instant> last_;
};

}  // namespace engine
