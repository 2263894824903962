#include "engine/ipc/qb_guards.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>

namespace engine::ipc {

namespace {

constexpr std::uint32_t kChunkCommitted = 0xA1A1A1A1;  // client-ipc.md section 2.7.2

// The length the client's library wrote in front of the message at `data` in its request ring; nothing if the words in
// front may be at the other end of the ring.
std::optional<std::size_t> ring_chunk_length(const void* data) {
    // The ring begins on a page, and its first two words can be a message whose length is in the last ones. Not every
    // page is the ring's first, but reading in front of that one would be reading outside of the ring.
    constexpr std::uintptr_t page = 4096;
    std::uint32_t words[2];
    if (reinterpret_cast<std::uintptr_t>(data) % page < sizeof words) return std::nullopt;
    std::memcpy(words, static_cast<const std::uint8_t*>(data) - sizeof words, sizeof words);
    return words[1] == kChunkCommitted ? words[0] : 0;
}

}  // namespace

bool low_on_descriptors() {
    const int probe = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (probe < 0) return true;
    ::close(probe);
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
    return static_cast<rlim_t>(probe) >= limit.rlim_cur - limit.rlim_cur / 10;
}

std::size_t received_in_ring(qb_ipcs_connection_t* connection, const void* data) {
    const auto capacity = static_cast<std::size_t>(qb_ipcs_connection_get_buffer_size(connection));
    return std::min(capacity, ring_chunk_length(data).value_or(capacity));
}

}  // namespace engine::ipc
