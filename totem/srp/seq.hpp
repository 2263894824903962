#pragma once
// Comparison of 32-bit sequence numbers that wrap (totem-srp.md section 4): seq, aru and token_seq.

#include <algorithm>
#include <cstdint>

namespace totem::srp {

using Seq = std::uint32_t;

// The initial token's aru and the token_seq that precedes the first one: "just before 0".
inline constexpr Seq kBeforeFirst = 0xFFFFFFFF;

// a < b. Right across the wrap for distances up to 65536, four times the message window.
constexpr bool precedes(Seq a, Seq b) {
    constexpr Seq kHalf = 0x80000000, kShift = 0x10000;
    if (a > kHalf || b > kHalf) {
        a -= kShift;
        b -= kShift;
    }
    return a < b;
}

constexpr bool at_most(Seq a, Seq b) {
    return !precedes(b, a);
}

constexpr Seq earlier(Seq a, Seq b) {
    return precedes(a, b) ? a : b;
}

constexpr Seq later(Seq a, Seq b) {
    return precedes(a, b) ? b : a;
}

}  // namespace totem::srp
