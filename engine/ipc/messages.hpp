#pragma once
// What every client message starts with, and the error numbers answers carry.
// Spec client-ipc.md section 3: host byte order and host alignment, the peer is on this machine.

#include <cstddef>
#include <cstdint>

namespace engine::ipc {

// cs_error_t (client-ipc.md section 3.2).
enum CsError : std::int32_t {
    kCsOk = 1,
    kCsLibrary = 2,
    kCsTryAgain = 6,
    kCsInvalidParam = 7,
    kCsNoMemory = 8,
    kCsBadHandle = 9,
    kCsBusy = 10,
    kCsAccess = 11,
    kCsNotExist = 12,
    kCsNameTooLong = 13,
    kCsExist = 14,
    kCsNoSpace = 15,
    kCsInterrupt = 16,
    kCsNameNotFound = 17,
    kCsNoResources = 18,
    kCsNotSupported = 19,
    kCsFailedOperation = 21,
    kCsMessageError = 22,
    kCsTooBig = 26,
    kCsNoSections = 27,
};

struct alignas(8) RequestHeader {
    std::int32_t id;
    std::int32_t pad0 = 0;
    std::int32_t size;
    std::int32_t pad1 = 0;
};
static_assert(sizeof(RequestHeader) == 16 && offsetof(RequestHeader, size) == 8);

// Starts responses and events; `size` counts the whole message.
struct alignas(8) ResponseHeader {
    std::int32_t id = 0;
    std::int32_t pad0 = 0;
    std::int32_t size = 0;
    std::int32_t pad1 = 0;
    std::int32_t error = kCsOk;
    std::int32_t pad2 = 0;
};
static_assert(sizeof(ResponseHeader) == 24 && offsetof(ResponseHeader, size) == 8 &&
              offsetof(ResponseHeader, error) == 16);

struct NumberResponse {  // responses and events that carry one number
    ResponseHeader header;
    std::uint32_t value = 0;
    std::uint32_t pad = 0;
};
static_assert(sizeof(NumberResponse) == 32);

// The size of every queue of a connection; also the largest request, response and event (section 16).
inline constexpr std::size_t kMaxMessage = 1048576;

}  // namespace engine::ipc
