#pragma once
// Which packet counters of one session were seen: each is taken once, in any order within the window. Spec
// totem-crypto.md appendix B.4.

#include <algorithm>
#include <array>
#include <cstdint>

namespace totem::crypto {

class ReplayWindow {
public:
    static constexpr std::uint64_t kSize = 1024;

    // Whether a packet with this counter may still be taken. Counters start at 1.
    bool fresh(std::uint64_t counter) const {
        if (counter > highest_) return true;
        return counter != 0 && highest_ - counter < kSize && (word(counter) & bit(counter)) == 0;
    }

    // Of a fresh counter, once its packet is known to be authentic.
    void mark(std::uint64_t counter) {
        if (counter > highest_) {
            // The words between hold counters of an earlier round.
            const std::uint64_t steps = std::min<std::uint64_t>(counter / kBits - highest_ / kBits, kWords);
            for (std::uint64_t i = 0; i < steps; ++i)
                words_[(counter / kBits - i) % kWords] = 0;
            highest_ = counter;
        }
        words_[(counter / kBits) % kWords] |= bit(counter);
    }

    void reset() { *this = {}; }
    std::uint64_t highest() const { return highest_; }

private:
    static constexpr std::uint64_t kBits = 64;
    // One word more than the window would do; a power of two makes the division cheap.
    static constexpr std::uint64_t kWords = 2 * kSize / kBits;

    static std::uint64_t bit(std::uint64_t counter) { return std::uint64_t{1} << (counter % kBits); }
    std::uint64_t word(std::uint64_t counter) const { return words_[(counter / kBits) % kWords]; }

    std::uint64_t highest_ = 0;
    std::array<std::uint64_t, kWords> words_{};
};

}  // namespace totem::crypto
