#pragma once
// A file written or read at once, with the error that a program would see.

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "engine/base/file_descriptor.hpp"

namespace totem::test {

// Makes or replaces the file; the errno, 0 if it went well.
inline int put(const std::string& file, const std::string& content) {
    const engine::FileDescriptor opened(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640));
    if (!opened) return errno;
    for (std::size_t done = 0; done < content.size();) {
        const ssize_t written = ::write(opened.get(), content.data() + done, content.size() - done);
        if (written < 0) return errno;
        done += static_cast<std::size_t>(written);
    }
    return 0;
}

// "errno N" if it cannot be read.
inline std::string get(const std::string& file) {
    const engine::FileDescriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!opened) return "errno " + std::to_string(errno);
    std::string out;
    std::array<char, 65536> buffer{};
    ssize_t count = 0;
    while ((count = ::read(opened.get(), buffer.data(), buffer.size())) > 0)
        out.append(buffer.data(), static_cast<std::size_t>(count));
    return count < 0 ? "errno " + std::to_string(errno) : out;
}

}  // namespace totem::test
