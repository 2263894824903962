#pragma once
// Layouts of CMAP's client messages (client-ipc.md sections 3.3 and 9.2).

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/ipc/messages.hpp"

namespace engine::ipc::cmap_wire {

enum Request : std::uint32_t {
    kSet = 0,
    kDelete = 1,
    kGet = 2,
    kAdjust = 3,
    kIterationInitialize = 4,
    kIterationNext = 5,
    kIterationFinalize = 6,
    kTrackAdd = 7,
    kTrackDelete = 8,
    kSetCurrentMap = 9,
    kRequestCount = 10,
};

// Other responses have their request's id.
inline constexpr std::int32_t kSetCurrentMapResponse = 10;
inline constexpr std::int32_t kNotify = 9;  // event

inline constexpr std::int32_t kDefaultMap = 0, kStatsMap = 1;
inline constexpr std::int32_t kTrackPrefix = 8;  // besides the bits of cmap::track

struct alignas(8) KeyName {
    std::uint16_t length = 0;
    std::array<std::uint16_t, 3> pad{};
    std::array<char, 256> value{};

    // As a NUL-terminated string; a length of 0 means none, else it is not looked at (section 9.2).
    std::string_view text() const {
        const std::string_view all(value.data(), value.size());
        return length == 0 ? std::string_view() : all.substr(0, all.find('\0'));
    }
};
static_assert(sizeof(KeyName) == 264);

struct SetRequest {  // the value follows
    RequestHeader header;
    KeyName key;
    std::uint64_t length;
    std::uint8_t type;
    std::array<std::uint8_t, 7> pad;
};
static_assert(sizeof(SetRequest) == 296 && offsetof(SetRequest, length) == 280 && offsetof(SetRequest, type) == 288);

struct KeyRequest {  // delete, iteration initialize
    RequestHeader header;
    KeyName key;
};
static_assert(sizeof(KeyRequest) == 280);

struct GetRequest {
    RequestHeader header;
    KeyName key;
    std::uint64_t room;
};
static_assert(sizeof(GetRequest) == 288);

struct AdjustRequest {
    RequestHeader header;
    KeyName key;
    std::int32_t step;
    std::int32_t pad;
};
static_assert(sizeof(AdjustRequest) == 288);

struct HandleRequest {  // iteration next and finalize, track delete
    RequestHeader header;
    std::uint64_t handle;
};
static_assert(sizeof(HandleRequest) == 24);

struct TrackAddRequest {
    RequestHeader header;
    KeyName key;
    std::int32_t events;
    std::int32_t pad;
    std::uint64_t instance;
};
static_assert(sizeof(TrackAddRequest) == 296 && offsetof(TrackAddRequest, instance) == 288);

struct SetCurrentMapRequest {
    RequestHeader header;
    std::int32_t map;
    std::int32_t pad;
};
static_assert(sizeof(SetCurrentMapRequest) == 24);

struct GetResponse {  // the value follows
    ResponseHeader header;
    std::uint64_t length = 0;
    std::uint8_t type = 0;
    std::array<std::uint8_t, 7> pad{};
};
static_assert(sizeof(GetResponse) == 40);

struct HandleResponse {  // iteration initialize, track add; track delete gives the instance
    ResponseHeader header;
    std::uint64_t handle = 0;
};
static_assert(sizeof(HandleResponse) == 32);

struct IterationNextResponse {
    ResponseHeader header;
    KeyName key{};
    std::uint64_t length = 0;
    std::uint8_t type = 0;
    std::array<std::uint8_t, 7> pad{};
};
static_assert(sizeof(IterationNextResponse) == 304 && offsetof(IterationNextResponse, type) == 296);

struct NotifyEvent {  // new value, old value follow
    ResponseHeader header;
    std::uint64_t instance = 0;
    KeyName key{};
    std::int32_t event = 0;
    std::int32_t pad0 = 0;
    std::uint8_t new_type = 0;
    std::array<std::uint8_t, 7> pad1{};
    std::uint8_t old_type = 0;
    std::array<std::uint8_t, 7> pad2{};
    std::uint64_t new_length = 0;
    std::uint64_t old_length = 0;
};
static_assert(sizeof(NotifyEvent) == 336 && offsetof(NotifyEvent, event) == 296 &&
              offsetof(NotifyEvent, new_type) == 304 && offsetof(NotifyEvent, new_length) == 320);

}  // namespace engine::ipc::cmap_wire
