#include "cfs/daemon/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>

#include "cfs/daemon/log.hpp"

namespace cfs::daemon {
namespace {

constexpr mode_t kFolderMode = 0755;  // the umask has its say
constexpr mode_t kLockMode = 0600;
constexpr mode_t kFlagMode = 0440;
constexpr int kLockTries = 11;
constexpr std::chrono::seconds kBetweenTries{1};

std::string reason() {
    return std::strerror(errno);
}

std::optional<Failure> make_folder(const std::string& path) {
    if (::mkdir(path.c_str(), kFolderMode) == 0 || errno == EEXIST) return std::nullopt;
    return Failure{fmt::format("unable to create directory '{}': {}", path, reason())};
}

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

// Everything but the name; says which step failed.
std::optional<Failure> fill(int fd, const std::string& path, std::string_view text, mode_t mode, gid_t group) {
    const auto failed = [&](std::string_view what) {
        return Failure{fmt::format("Failed to {} file '{}': {}", what, path, reason())};
    };
    if (::fchown(fd, 0, group) != 0) return failed("change group of");
    if (::fchmod(fd, mode) != 0) return failed("change mode of");
    if (!write_all(fd, text) || ::fsync(fd) != 0) return failed("write");
    return std::nullopt;
}

}  // namespace

std::optional<Failure> make_folders(const Paths& paths, gid_t group) {
    if (auto failure = make_folder(paths.database_folder)) return failure;
    if (auto failure = make_folder(paths.run_folder)) return failure;
    if (::chown(paths.run_folder.c_str(), 0, group) != 0)
        return Failure{fmt::format("unable to change group of directory '{}': {}", paths.run_folder, reason())};
    return std::nullopt;
}

std::optional<Failure> InstanceLock::take(const std::string& path) {
    file_.emplace(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, kLockMode));
    if (!*file_) return Failure{fmt::format("unable to create lock '{}': {}", path, reason())};
    for (int tries = 1; ::flock(file_->get(), LOCK_EX | LOCK_NB) != 0; ++tries) {
        if (errno == EINTR) continue;
        if (errno != EWOULDBLOCK || tries == kLockTries)
            return Failure{fmt::format("unable to acquire pmxcfs lock: {}", reason())};
        if (tries == 1) log(Severity::notice, Domain::main, "unable to acquire pmxcfs lock - trying again");
        std::this_thread::sleep_for(kBetweenTries);
    }
    return std::nullopt;
}

std::optional<Failure> write_atomically(const std::string& path, std::string_view text, mode_t mode, gid_t group) {
    std::string temporary = path + ".XXXXXX";
    const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);
    if (fd < 0) return Failure{fmt::format("Failed to create file '{}': {}", temporary, reason())};
    auto failure = fill(fd, temporary, text, mode, group);
    if (::close(fd) != 0 && !failure)
        failure = Failure{fmt::format("Failed to close file '{}': {}", temporary, reason())};
    if (!failure && ::rename(temporary.c_str(), path.c_str()) != 0)
        failure = Failure{fmt::format("Failed to rename file from '{}' to '{}': {}", temporary, path, reason())};
    if (failure) ::unlink(temporary.c_str());
    return failure;
}

std::optional<Failure> raise_restart_flag(const std::string& path, gid_t group) {
    const engine::FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFlagMode));
    if (!file || ::fchmod(file.get(), kFlagMode) != 0 || ::fchown(file.get(), 0, group) != 0)
        return Failure{fmt::format("unable to create file '{}': {}", path, reason())};
    return std::nullopt;
}

std::optional<std::string> read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (file.bad()) return std::nullopt;
    return text;
}

}  // namespace cfs::daemon
