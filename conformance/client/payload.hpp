#pragma once
// Messages of the flood client. Every byte of a message follows from who sends it and which one it is, so a receiver
// can tell a lost, repeated, reordered or damaged message without being told what was sent.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace flood {

// One run of one client. `index` tells the runs of one node apart.
struct StreamId {
    std::uint32_t node = 0, index = 0;
    auto operator<=>(const StreamId&) const = default;
};

enum class Kind : std::uint32_t { start = 1, data = 2, end = 3 };

// Messages of at least this size say what they are; smaller ones (always data) are filling only.
inline constexpr std::size_t header_size = 32;

struct Header {
    Kind kind = Kind::data;
    StreamId stream;
    std::uint64_t sequence = 0;  // counts the data messages of a stream from 0; at `end`: how many there were
};

// `size` is raised to header_size for start and end.
std::vector<std::byte> make_message(const Header& header, std::size_t size);
std::optional<Header> read_header(std::span<const std::byte> message);  // nothing if too small or not ours
bool is_intact(std::span<const std::byte> message, const Header& header);

std::uint64_t hash(std::span<const std::byte> bytes);
std::uint64_t mix(std::uint64_t state, std::uint64_t value);

// Sizes with weights, such as "1:50,1400:20,1048576:1"; a size without weight has weight 1.
class Sizes {
public:
    static Sizes parse(const std::string& text);  // std::invalid_argument that says what is wrong
    std::size_t pick(const StreamId& stream, std::uint64_t sequence) const;

private:
    struct Choice {
        std::size_t size;
        std::uint64_t up_to;  // sum of the weights so far
    };
    std::vector<Choice> choices_;
};

}  // namespace flood
