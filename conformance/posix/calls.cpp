#include "conformance/posix/calls.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace posix {

int errno_of(long result) {
    return result < 0 ? errno : 0;
}

FileDescriptor open(const std::string& path, int flags) {
    return FileDescriptor(::open(path.c_str(), flags | O_CLOEXEC, 0640));
}

int open_error(const std::string& path, int flags) {
    return open(path, flags) ? 0 : errno;
}

int make_directory(const std::string& path) {
    return errno_of(::mkdir(path.c_str(), 0755));
}

int remove_directory(const std::string& path) {
    return errno_of(::rmdir(path.c_str()));
}

int remove(const std::string& path) {
    return errno_of(::unlink(path.c_str()));
}

int move(const std::string& from, const std::string& to) {
    return errno_of(::rename(from.c_str(), to.c_str()));
}

int cut(const std::string& path, off_t size) {
    return errno_of(::truncate(path.c_str(), size));
}

int set_mtime(const std::string& path, timespec to) {
    const std::array<timespec, 2> times = {to, to};
    return errno_of(::utimensat(AT_FDCWD, path.c_str(), times.data(), 0));
}

int put(const std::string& path, std::string_view content) {
    const FileDescriptor file = open(path, O_WRONLY | O_CREAT | O_TRUNC);
    return file ? append(file, content) : errno;
}

int write_at(const FileDescriptor& file, std::string_view bytes, off_t offset) {
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(file.get(), bytes.data(), bytes.size(), offset);
        if (written < 0) return errno;
        bytes.remove_prefix(static_cast<std::size_t>(written));
        offset += written;
    }
    return 0;
}

int append(const FileDescriptor& file, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
        if (written < 0) return errno;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

std::string get(const std::string& path) {
    const FileDescriptor file = open(path, O_RDONLY);
    return file ? get(file) : "[" + error_name(errno) + "]";
}

std::string get(const FileDescriptor& file) {
    std::string out;
    std::array<char, 65536> buffer{};
    ssize_t count = 0;
    while ((count = ::pread(file.get(), buffer.data(), buffer.size(), static_cast<off_t>(out.size()))) > 0)
        out.append(buffer.data(), static_cast<std::size_t>(count));
    return count < 0 ? "[" + error_name(errno) + "]" : out;
}

struct stat stat_of(const std::string& path) {
    struct stat out {};
    if (::lstat(path.c_str(), &out) != 0) return {};
    return out;
}

struct stat stat_of(const FileDescriptor& file) {
    struct stat out {};
    if (::fstat(file.get(), &out) != 0) return {};
    return out;
}

bool exists(const std::string& path) {
    struct stat out {};
    return ::lstat(path.c_str(), &out) == 0;
}

std::vector<std::string> names(const std::string& directory) {
    std::vector<std::string> out;
    for (const auto& each : std::filesystem::directory_iterator(directory))
        out.push_back(each.path().filename().string());
    std::ranges::sort(out);
    return out;
}

std::string pattern(std::size_t size) {
    std::string out(size, ' ');
    for (std::size_t i = 0; i < size; ++i)
        out[i] = static_cast<char>(i * 131 + i / 4096);
    return out;
}

std::string error_name(int error) {
    if (error == 0) return "success";
    const char* const name = ::strerrorname_np(error);
    return name ? name : std::to_string(error);
}

}  // namespace posix
