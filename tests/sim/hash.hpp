#pragma once
// A quick 64-bit hash for contents and traces. Not for adversaries.

#include <cstdint>
#include <cstring>
#include <span>

#include "totem/base/bytes.hpp"

namespace totem::sim {

constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    const auto product = static_cast<unsigned __int128>(a ^ 0x9E3779B97F4A7C15u) * (b ^ 0xE7037ED1A0B428DBu);
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64) ^ (a + 0x632BE59BD9B4E019u);
}

inline std::uint64_t hash_bytes(Bytes data) {
    std::uint64_t hash = 0xA0761D6478BD642Fu ^ data.size();
    std::size_t i = 0;
    for (; i + 8 <= data.size(); i += 8) {
        std::uint64_t word;
        std::memcpy(&word, data.data() + i, 8);
        hash = mix(hash, word);
    }
    std::uint64_t tail = 0;
    if (i < data.size()) std::memcpy(&tail, data.data() + i, data.size() - i);
    return mix(hash, tail);
}

}  // namespace totem::sim
