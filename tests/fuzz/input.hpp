#pragma once
// A fuzz input read as a sequence of choices, and the check that makes a broken promise a finding.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "totem/base/bytes.hpp"

// Unlike assert() in every build.
#define FUZZ_CHECK(condition)                                                                    \
    do {                                                                                         \
        if (!(condition)) {                                                                      \
            std::fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                                        \
        }                                                                                        \
    } while (false)

namespace totem::fuzz {

// Reads every byte, for the sanitizers.
inline void touch(Bytes bytes) {
    unsigned sum = 0;
    for (const std::uint8_t byte : bytes)
        sum += byte;
    asm volatile("" : : "r"(sum));
}

// Past the end every number is 0 and every span empty; check done() in loops.
class Input {
public:
    Input(const std::uint8_t* data, std::size_t size) : in_({data, size}, ByteOrder::little) {}

    bool done() const { return in_.remaining() == 0; }
    std::uint8_t u8() { return in_.u8(); }
    std::uint16_t u16() { return in_.u16(); }
    std::uint32_t u32() { return in_.u32(); }
    std::uint64_t u64() { return in_.u64(); }
    bool flag() { return (u8() & 1) != 0; }
    // 0..bound-1.
    std::uint32_t below(std::uint32_t bound) { return u8() % bound; }
    // -128..127: a small step from a number that matters.
    std::uint32_t step() { return static_cast<std::uint32_t>(static_cast<std::int8_t>(u8())); }
    ByteOrder order() { return flag() ? ByteOrder::big : ByteOrder::little; }
    // A length byte pair and that many bytes, or what is left.
    Bytes bytes() {
        const std::size_t wanted = u16();
        return in_.bytes(std::min(wanted, in_.remaining()));
    }
    Bytes rest() { return in_.bytes(in_.remaining()); }

private:
    Reader in_;
};

}  // namespace totem::fuzz
