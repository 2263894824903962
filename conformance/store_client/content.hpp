#pragma once
// Contents that say who wrote them: one line with writer, operation, size and checksum, and filling that follows from
// them.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace store_client {

// A thread of a client program: the node it is on, and which of the threads there.
struct WriterId {
    unsigned node = 0, thread = 0;
    auto operator<=>(const WriterId&) const = default;
};
std::string to_string(const WriterId& writer);  // "1.3"

inline constexpr std::size_t smallest_content = 96;

std::string make_content(const WriterId& writer, std::uint64_t operation, std::size_t size);
std::uint64_t checksum(std::string_view text);
// For messages: whose it is, and whether it is whole.
std::string describe(std::string_view content);

}  // namespace store_client
