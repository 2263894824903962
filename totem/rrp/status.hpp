#pragma once
// What became of one network, in upstream's words. Spec totem-rrp.md section 10.1.

#include <cstdint>
#include <string>
#include <string_view>

namespace totem::rrp {

struct Status {
    enum class Kind : std::uint8_t {
        fine,
        marked_passive,  // faulty: too far behind the best network
        marked_active,   // faulty: too many tokens did not come through it
        incrementing,    // active: one more token did not
        decrementing,    // active: nothing happened for a while
    };
    Kind kind = Kind::fine;
    std::uint32_t token_seq = 0;             // active: of the token that was waited for
    std::uint32_t count = 0, threshold = 0;  // of problems

    bool faulty() const { return kind == Kind::marked_passive || kind == Kind::marked_active; }
    bool operator==(const Status&) const = default;
};

// `interface`: our own address on that network. cfgtool shows this text, and monitoring looks for FAULTY in it.
std::string describe(const Status& status, unsigned network, std::string_view interface);

}  // namespace totem::rrp
