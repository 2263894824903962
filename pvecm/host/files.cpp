#include "pvecm/host/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "engine/base/file_descriptor.hpp"
#include "pvecm/error.hpp"

namespace pvecm {
namespace {

namespace fs = std::filesystem;

// Call right after what failed: an Error with the reason.
Error because(const std::string& what) {
    return Error(fmt::format("{} - {}", what, std::strerror(errno)), errno);
}

bool put(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t size = ::write(fd, text.data(), text.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
}

}  // namespace

std::optional<std::string> read_file(const std::string& path) {
    const engine::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
    if (!file) throw because(fmt::format("unable to open file '{}'", path));
    std::string text;
    std::array<char, 65536> part{};
    for (;;) {
        const ssize_t size = ::read(file.get(), part.data(), part.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) throw because(fmt::format("unable to read '{}'", path));
        if (size == 0) return text;
        text.append(part.data(), static_cast<std::size_t>(size));
    }
}

void write_file(const std::string& path, std::string_view text, mode_t mode) {
    const std::string temporary = fmt::format("{}.tmp.{}", path, ::getpid());
    ::unlink(temporary.c_str());  // of a process of that number that did not come to its end
    try {
        const engine::FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
        if (!file) throw because(fmt::format("unable to open file '{}'", temporary));
        ::fchmod(file.get(), mode);  // whatever the umask; the store has modes of its own
        if (!put(file.get(), text) || ::fsync(file.get()) != 0)
            throw because(fmt::format("unable to write '{}'", temporary));
        if (::rename(temporary.c_str(), path.c_str()) != 0)
            throw Error(fmt::format("close (rename) atomic file '{}' failed: {}", path, std::strerror(errno)), errno);
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
}

bool exists(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0;
}

bool is_link(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode);
}

bool is_regular(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

void make_folder(const std::string& path, mode_t mode) {
    if (fs::is_directory(path)) return;
    const std::string parent = fs::path(path).parent_path();
    if (!parent.empty() && parent != path) make_folder(parent);
    if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST)
        throw because(fmt::format("unable to create directory '{}'", path));
}

void remove_file(const std::string& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) throw because(fmt::format("unable to remove '{}'", path));
}

void rename_file(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) throw because(fmt::format("rename {} failed", from));
}

bool make_link(const std::string& target, const std::string& path) {
    const std::string temporary = fmt::format("{}.tmp.{}", path, ::getpid());
    ::unlink(temporary.c_str());
    if (::symlink(target.c_str(), temporary.c_str()) != 0) return false;
    if (::rename(temporary.c_str(), path.c_str()) == 0) return true;
    ::unlink(temporary.c_str());
    return false;
}

}  // namespace pvecm
