#pragma once
// What is open, as the kernel holds it for us: a number that is a pointer.

#include <cstdint>
#include <memory>

#include "cfs/mount/fuse.hpp"

namespace cfs::mount {

template <typename T>
void set_handle(fuse_file_info& info, const std::unique_ptr<T>& object) {
    info.fh = reinterpret_cast<std::uint64_t>(object.get());
}
template <typename T>
T* handle(const fuse_file_info& info) {
    return reinterpret_cast<T*>(info.fh);  // NOLINT(performance-no-int-to-ptr): the kernel takes no pointers
}
// The kernel has it from now on, and gives it back with the release.
template <typename T>
void hand_over(std::unique_ptr<T> object) {
    static_cast<void>(object.release());
}

}  // namespace cfs::mount
