#include "conformance/store_client/hands.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "conformance/store_client/places.hpp"

namespace store_client {
namespace {

constexpr mode_t file_mode = 0640, directory_mode = 0755;

int error_of(int result) {
    return result < 0 ? errno : 0;
}

// A part is not what was asked for: the store takes a write as a whole.
int write_all(int fd, const std::string& data, off_t offset, bool append) {
    const ssize_t written =
        append ? ::write(fd, data.data(), data.size()) : ::pwrite(fd, data.data(), data.size(), offset);
    if (written < 0) return errno;
    if (static_cast<std::size_t>(written) != data.size()) return EIO;
    return error_of(::fsync(fd));
}

}  // namespace

int Hands::perform(const Operation& operation) {
    const std::string path = whole(path_of(writer_, operation.slot, operation.place));
    switch (operation.action) {
        case Action::empty:
            return empty(path);
        case Action::write:
        case Action::append:
            return write(path, operation);
        case Action::rename:
            return error_of(::rename(path.c_str(), whole(path_of(writer_, operation.slot, operation.to)).c_str()));
        case Action::remove:
            return error_of(::unlink(path.c_str()));
        case Action::make_directory:
            return error_of(::mkdir(path.c_str(), directory_mode));
        case Action::remove_directory:
            return error_of(::rmdir(path.c_str()));
    }
    return EINVAL;
}

int Hands::empty(const std::string& path) {
    open_.reset(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, file_mode));
    open_path_ = path;
    return open_ ? 0 : errno;
}

int Hands::write(const std::string& path, const Operation& operation) {
    const bool append = operation.action == Action::append;
    lab::FileDescriptor file = std::move(open_);
    if (!file || open_path_ != path) file.reset(::open(path.c_str(), O_WRONLY | O_CLOEXEC | (append ? O_APPEND : 0)));
    if (!file) return errno;
    const std::string data = make_content(writer_, operation.number, operation.size);
    return write_all(file.get(), data, static_cast<off_t>(operation.offset), append);
}

std::optional<std::string> Hands::life() const {
    const auto version = read(".version");
    // It begins with the daemon's start time.
    if (!version || version->find("starttime") == std::string::npos) return std::nullopt;
    return version->substr(0, version->find(','));
}

int Hands::make_directories(const std::string& path) const {
    for (std::size_t end = path.find('/'); end != std::string::npos; end = path.find('/', end + 1))
        if (::mkdir(whole(path.substr(0, end)).c_str(), directory_mode) != 0 && errno != EEXIST) return errno;
    return ::mkdir(whole(path).c_str(), directory_mode) != 0 && errno != EEXIST ? errno : 0;
}

int Hands::replace(const std::string& path, const std::string& text, bool in_place) const {
    const std::string target = whole(path), draft = in_place ? target : target + ".tmp";
    lab::FileDescriptor file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, file_mode));
    if (!file) return errno;
    if (const int error = write_all(file.get(), text, 0, false)) return error;
    return in_place ? 0 : error_of(::rename(draft.c_str(), target.c_str()));
}

std::optional<std::string> Hands::read(const std::string& path) const {
    const lab::FileDescriptor file(::open(whole(path).c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return std::nullopt;
    std::array<char, 512> buffer;
    const ssize_t length = ::read(file.get(), buffer.data(), buffer.size());
    if (length < 0) return std::nullopt;
    return std::string(buffer.data(), static_cast<std::size_t>(length));
}

}  // namespace store_client
