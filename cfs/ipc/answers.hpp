#pragma once
// What a request is answered with (pmxcfs.md section 14.3). No socket, no libqb: bytes in, bytes out.

#include <cstdint>
#include <string>

#include "cfs/ipc/backend.hpp"
#include "cfs/tree/limits.hpp"

namespace cfs::ipc {

// Both ways, in host byte order (14.2). `size` counts the header.
struct RequestHeader {
    alignas(8) std::int32_t id = 0;
    alignas(8) std::int32_t size = 0;
};
struct ResponseHeader {
    alignas(8) std::int32_t id = 0;
    alignas(8) std::int32_t size = 0;
    alignas(8) std::int32_t error = 0;
};
static_assert(sizeof(RequestHeader) == 16 && sizeof(ResponseHeader) == 24);

enum RequestId : std::int32_t {
    kGetVersion = 1,
    kGetMembers = 2,
    kGetGuests = 3,
    kSetStatus = 4,
    kGetStatus = 5,
    kGetConfig = 6,
    kLog = 7,
    kGetClusterLog = 8,
    kGetRrd = 10,
    kGetGuestProperty = 11,  // from here on P9 only
    kVerifyToken = 12,
    kGetGuestProperties = 13,
};

struct Caller {
    bool read_only = true;
    std::uint32_t pid = 0;
};

struct Answer {
    std::int32_t error = 0;  // or a negative errno, and then no data
    std::string data = {};
};

// `message` is the request with its header, whose size field does not count: what is here is all there is. It must not
// change meanwhile, so it is no memory that a client can reach.
Answer answer(Backend& backend, Era era, const Caller& caller, Bytes message);

}  // namespace cfs::ipc
