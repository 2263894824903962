#include "engine/ipc/zero_copy.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <limits>
#include <string>

#include "engine/ipc/cpg_messages.hpp"

namespace engine::ipc {

namespace {

constexpr std::size_t kMaxBuffers = 256;  // per connection; each holds a descriptor
constexpr std::array<std::string_view, 2> kPrefixes{"/dev/shm/corosync_zerocopy-", "/run/corosync_zerocopy-"};

bool acceptable(std::string_view path) {
    for (const auto prefix : kPrefixes) {
        if (!path.starts_with(prefix)) continue;
        const auto name = path.substr(prefix.size());
        return !name.empty() && name.find('/') == std::string_view::npos;
    }
    return false;
}

// Opens nothing but a plain file of the client's with no other name.
int open_owned(const std::string& path, uid_t owner) {
    const int fd = ::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return -1;
    struct stat info {};
    if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == owner && info.st_nlink == 1) return fd;
    ::close(fd);
    return -1;
}

}  // namespace

ZeroCopyBuffers::~ZeroCopyBuffers() {
    for (const auto& [address, buffer] : buffers_)
        ::close(buffer.fd);
}

CsError ZeroCopyBuffers::alloc(std::string_view path, std::uint64_t map_size, uid_t owner) {
    constexpr auto kMaxMap = static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max());
    if (!acceptable(path) || map_size < cpg_wire::kZcPayloadOffset || map_size > kMaxMap) return kCsInvalidParam;
    if (buffers_.size() >= kMaxBuffers) return kCsNoResources;
    const std::string name(path);
    const int fd = open_owned(name, owner);
    if (fd < 0) return kCsAccess;
    ::unlink(name.c_str());
    const std::uint64_t address = next_address_++;
    if (::ftruncate(fd, static_cast<off_t>(map_size)) != 0 ||
        ::pwrite(fd, &address, sizeof address, cpg_wire::kZcAddressOffset) != sizeof address) {
        ::close(fd);
        return kCsNoMemory;
    }
    buffers_.emplace(address, Buffer{fd, map_size});
    return kCsOk;
}

CsError ZeroCopyBuffers::release(std::uint64_t address) {
    const auto found = buffers_.find(address);
    if (found == buffers_.end()) return kCsInvalidParam;
    ::close(found->second.fd);
    buffers_.erase(found);
    return kCsOk;
}

CsError ZeroCopyBuffers::load(std::uint64_t address, std::vector<std::uint8_t>& message) const {
    const auto found = buffers_.find(address);
    if (found == buffers_.end()) return kCsInvalidParam;
    const auto& [fd, size] = found->second;
    std::uint32_t length = 0;
    if (::pread(fd, &length, sizeof length, cpg_wire::kZcLengthOffset) != sizeof length) return kCsInvalidParam;
    if (length > size - cpg_wire::kZcPayloadOffset || length > cpg_wire::kMaxPayload) return kCsInvalidParam;
    message.resize(length);
    const ssize_t got = ::pread(fd, message.data(), length, cpg_wire::kZcPayloadOffset);
    return got == static_cast<ssize_t>(length) ? kCsOk : kCsInvalidParam;
}

}  // namespace engine::ipc
