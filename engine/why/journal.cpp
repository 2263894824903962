#include "engine/why/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "engine/base/file_descriptor.hpp"
#include "engine/why/reader.hpp"

namespace engine::why {
namespace {

constexpr mode_t kMode = 0640;

// A pipe or a device in its place would block or lose records.
int open_regular(const std::string& path, struct stat& status) {
    const int fd = ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, kMode);
    if (fd < 0) return fd;
    const bool regular = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    // Whatever the umask is, the mode is the documented one.
    if (regular && ((status.st_mode & 07777) == kMode || ::fchmod(fd, kMode) == 0)) return fd;
    const int error = regular ? errno : EINVAL;
    ::close(fd);
    errno = error;
    return -1;
}

}  // namespace

Journal::Journal(std::string path, std::function<void(const std::string&)> trouble, std::uint64_t limit)
    : path_(std::move(path)), trouble_(std::move(trouble)), limit_(limit) {
    for (const Record& record : read_journal(path_).records)
        sequence_ = std::max(sequence_, record.sequence);
}

const Record& Journal::add(Record record) {
    record.sequence = ++sequence_;
    recent_.push_back(std::move(record));
    if (recent_.size() > kKept) recent_.pop_front();
    unwritten_ = std::min(unwritten_ + 1, recent_.size());
    while (unwritten_ > 0 && append(to_line(recent_[recent_.size() - unwritten_]) + '\n'))
        --unwritten_;
    return recent_.back();
}

bool Journal::append(const std::string& line) {
    struct stat status {};
    {
        const FileDescriptor file(open_regular(path_, status));
        if (!file) return failed("open");
        const auto size = static_cast<std::uint64_t>(status.st_size);
        if (size == 0 || size + line.size() <= limit_) {
            // A crash may have cut the last line; the next one must not suffer for it.
            char last = '\n';
            if (size > 0 && ::pread(file.get(), &last, 1, status.st_size - 1) != 1) return failed("read");
            const std::string text = last == '\n' ? line : '\n' + line;
            const ssize_t written = ::write(file.get(), text.data(), text.size());
            if (written == static_cast<ssize_t>(text.size())) {
                failing_ = false;
                return true;
            }
            const int error = written < 0 ? errno : ENOSPC;
            // Without its end it would only be a damaged line.
            if (written > 0) (void)!::ftruncate(file.get(), status.st_size);
            errno = error;
            return failed("write");
        }
    }
    if (std::rename(path_.c_str(), older_part(path_).c_str()) != 0) return failed("rotate");
    return append(line);
}

bool Journal::failed(const char* what) {
    const std::string reason = std::strerror(errno);
    if (!failing_ && trouble_) {
        trouble_(fmt::format("Can't {} the journal of changes {}: {}. Records are kept in memory only.", what, path_,
                             reason));
    }
    failing_ = true;
    return false;
}

}  // namespace engine::why
