#pragma once
// Zero-copy buffers of one connection (client-ipc.md section 7.8): files the client shares with us.
//
// The file is read with pread instead of being mapped: the client may shrink it at any time, which would
// kill the reader of a mapping with SIGBUS but merely gives pread a short count.

#include <sys/types.h>

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/ipc/messages.hpp"

namespace engine::ipc {

class ZeroCopyBuffers {
public:
    ZeroCopyBuffers() = default;
    ~ZeroCopyBuffers();
    ZeroCopyBuffers(const ZeroCopyBuffers&) = delete;
    ZeroCopyBuffers& operator=(const ZeroCopyBuffers&) = delete;

    // Takes over the file at `path`, which must be one the library made for a client of user `owner`, and
    // writes the buffer's address into it. The file is unlinked.
    CsError alloc(std::string_view path, std::uint64_t map_size, uid_t owner);
    CsError release(std::uint64_t address);
    // Reads the message in the buffer.
    CsError load(std::uint64_t address, std::vector<std::uint8_t>& message) const;

private:
    struct Buffer {
        int fd;
        std::uint64_t size;
    };
    std::unordered_map<std::uint64_t, Buffer> buffers_;
    std::uint64_t next_address_ = 1;  // any number but 0 does; the client only gives it back
};

}  // namespace engine::ipc
