#include "conformance/client/payload.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <sstream>
#include <stdexcept>

namespace flood {

namespace {

constexpr std::uint64_t magic = 0x746f74656d666c64;  // "totemfld"
constexpr std::size_t largest = 64u << 20;

struct Layout {
    std::uint64_t magic;
    std::uint32_t kind, index;
    std::uint64_t sequence;
    std::uint32_t node, size;
};
static_assert(sizeof(Layout) == header_size);

std::uint64_t scramble(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
}

std::uint64_t key_of(const StreamId& stream, std::uint64_t sequence) {
    return scramble(scramble((std::uint64_t{stream.node} << 32) | stream.index) ^ sequence);
}

// Calls `use(offset, word, length)` for every up to 8 bytes of filling in [begin, size).
template <typename Use>
void each_word(std::uint64_t key, std::size_t begin, std::size_t size, Use use) {
    std::uint64_t state = key;
    for (std::size_t at = begin; at < size; at += 8) {
        state = state * 6364136223846793005 + 1442695040888963407;
        const std::uint64_t word = state ^ (state >> 29);
        use(at, word, std::min<std::size_t>(8, size - at));
    }
}

}  // namespace

std::vector<std::byte> make_message(const Header& header, std::size_t size) {
    if (header.kind != Kind::data) size = std::max(size, header_size);
    std::vector<std::byte> message(size);
    std::size_t begin = 0;
    if (size >= header_size) {
        const Layout layout{magic,
                            static_cast<std::uint32_t>(header.kind),
                            header.stream.index,
                            header.sequence,
                            header.stream.node,
                            static_cast<std::uint32_t>(size)};
        std::memcpy(message.data(), &layout, sizeof layout);
        begin = header_size;
    }
    each_word(key_of(header.stream, header.sequence), begin, size,
              [&](std::size_t at, std::uint64_t word, std::size_t n) { std::memcpy(&message[at], &word, n); });
    return message;
}

std::optional<Header> read_header(std::span<const std::byte> message) {
    Layout layout;
    if (message.size() < sizeof layout) return std::nullopt;
    std::memcpy(&layout, message.data(), sizeof layout);
    if (layout.magic != magic || layout.kind < 1 || layout.kind > 3 || layout.size != message.size()) {
        return std::nullopt;
    }
    return Header{static_cast<Kind>(layout.kind), {layout.node, layout.index}, layout.sequence};
}

bool is_intact(std::span<const std::byte> message, const Header& header) {
    bool same = true;
    const std::size_t begin = message.size() >= header_size ? header_size : 0;
    each_word(key_of(header.stream, header.sequence), begin, message.size(),
              [&](std::size_t at, std::uint64_t word, std::size_t n) {
                  same = same && std::memcmp(&message[at], &word, n) == 0;
              });
    return same;
}

std::uint64_t mix(std::uint64_t state, std::uint64_t value) {
    return scramble(state ^ scramble(value));
}

std::uint64_t hash(std::span<const std::byte> bytes) {
    std::uint64_t state = bytes.size();
    std::size_t at = 0;
    for (std::uint64_t word; bytes.size() - at >= sizeof word; at += sizeof word) {
        std::memcpy(&word, &bytes[at], sizeof word);
        state = (state ^ word) * 0x9fb21c651e98df25;
        state ^= state >> 32;
    }
    std::uint64_t rest = 0;
    if (at < bytes.size()) std::memcpy(&rest, &bytes[at], bytes.size() - at);
    return mix(state, rest);
}

Sizes Sizes::parse(const std::string& text) {
    Sizes sizes;
    std::uint64_t sum = 0;
    std::istringstream items(text);
    for (std::string item; std::getline(items, item, ',');) {
        std::istringstream parts(item);
        long long size = 0, weight = 1;
        char colon = ':';
        parts >> size;
        const bool sized = static_cast<bool>(parts);
        if (sized && !(parts >> std::ws).eof()) parts >> colon >> weight;
        if (!sized || parts.fail() || colon != ':' || !(parts >> std::ws).eof() || size < 1 ||
            size > static_cast<long long>(largest) || weight < 1 || weight > 1000000) {
            throw std::invalid_argument("'" + item +
                                        "' is not a size from 1 to 67108864 with a weight, such as 1400:20");
        }
        sum += static_cast<std::uint64_t>(weight);
        sizes.choices_.push_back({static_cast<std::size_t>(size), sum});
    }
    if (sizes.choices_.empty()) throw std::invalid_argument("no message size is given");
    return sizes;
}

std::size_t Sizes::pick(const StreamId& stream, std::uint64_t sequence) const {
    const auto drawn = scramble(key_of(stream, sequence)) % choices_.back().up_to;
    return std::find_if(choices_.begin(), choices_.end(), [&](const Choice& c) { return drawn < c.up_to; })->size;
}

}  // namespace flood
