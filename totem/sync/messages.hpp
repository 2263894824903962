#pragma once
// The two messages of the synchronisation, spec totempg-sync-services.md section 9.1.
// Internal to totem/sync.

#include <array>
#include <cstdint>
#include <span>

#include "totem/wire/codec.hpp"

namespace totem::sync {

enum class MessageId : std::uint32_t { barrier = 0, service_build = 1 };

inline constexpr std::size_t kListEntries = 128;
inline constexpr std::size_t kMaxMessageSize = 568;  // service build in 2.x

struct ServiceList {
    std::size_t count = 0;
    std::array<std::uint32_t, kListEntries> ids{};
};

std::size_t message_size(Dialect dialect, MessageId id);

// Return the bytes written, 0 if `out` is too small.
std::size_t encode_barrier(Dialect dialect, const RingId& ring, ByteOrder order, MutableBytes out);
// Ids beyond kListEntries are not written.
std::size_t encode_service_build(Dialect dialect, const RingId& ring, std::span<const std::uint32_t> services,
                                 ByteOrder order, MutableBytes out);

// What both messages start with.
struct Head {
    MessageId id;
    RingId ring;
};
[[nodiscard]] bool decode_head(Dialect dialect, Bytes message, ByteOrder order, Head& out);
// False if the list is cut off or longer than kListEntries. Ids are as received.
[[nodiscard]] bool decode_service_list(Dialect dialect, Bytes message, ByteOrder order, ServiceList& out);

}  // namespace totem::sync
