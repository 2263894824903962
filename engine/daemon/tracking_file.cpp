#include "engine/daemon/tracking_file.hpp"

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "engine/base/file_descriptor.hpp"

namespace engine {
namespace {

class File {
public:
    explicit File(const std::string& path)
        : path_(path), fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) {
        if (!fd_) fail("open");
    }
    int fd() const { return fd_.get(); }
    [[noreturn]] void fail(const char* what) const {
        throw std::system_error(errno, std::generic_category(), std::string("Unable to ") + what + " " + path_);
    }

private:
    const std::string& path_;
    FileDescriptor fd_;
};

}  // namespace

std::uint32_t TrackingFile::load() {
    std::uint32_t barrier = 0;
    {
        const File file(path_);
        const ssize_t got = ::pread(file.fd(), &barrier, sizeof barrier, 0);
        if (got < 0) file.fail("read");
        if (got == sizeof barrier) return barrier;
    }
    store(0);
    return 0;
}

void TrackingFile::store(std::uint32_t barrier) {
    const File file(path_);
    if (::pwrite(file.fd(), &barrier, sizeof barrier, 0) != sizeof barrier) file.fail("write");
    if (::fdatasync(file.fd()) != 0) file.fail("sync");
}

}  // namespace engine
