#include "engine/daemon/ring_id_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "engine/base/file_descriptor.hpp"

namespace engine {
namespace {

[[noreturn]] void fail(const char* what, const std::string& path) {
    throw std::system_error(errno, std::generic_category(), std::string(what) + " " + path);
}

// A rename is only as durable as the directory it happened in.
void sync_directory(const std::string& path) {
    std::string directory = path.substr(0, path.rfind('/') + 1);
    if (directory.empty()) directory = ".";
    const FileDescriptor file(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!file || ::fsync(file.get()) != 0) fail("Unable to sync directory", directory);
}

// Not left behind where it can't take its place; after the rename there is nothing to remove.
struct Temporary {
    std::string path;
    ~Temporary() { ::unlink(path.c_str()); }
};

}  // namespace

RingIdFile RingIdFile::of(const std::string& state_dir, totem::Dialect dialect, const totem::Identity& self) {
    bool v2 = dialect == totem::Dialect::v2;
    std::string name = v2 ? self.addr[0].text() : std::to_string(self.nodeid);
    return {state_dir + "/ringid_" + name, static_cast<mode_t>(v2 ? 0700 : 0600)};
}

std::uint64_t RingIdFile::load() {
    std::uint64_t seq = 0;
    {
        const FileDescriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
        if (!file && errno != ENOENT) fail("Unable to read", path_);
        if (file) {
            ssize_t got = ::read(file.get(), &seq, sizeof(seq));
            if (got < 0) fail("Unable to read", path_);
            if (got == sizeof(seq)) return seq;
        }
    }
    store(0);
    return 0;
}

void RingIdFile::store(std::uint64_t seq) {
    // Every hop of a commit token waits for this. Eight bytes in a block that is there already are replaced as a whole,
    // with one flush of data instead of the several of a new file, a name and its directory.
    {
        const FileDescriptor file(::open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
        struct stat status {};
        if (file && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode) && status.st_size == sizeof(seq) &&
            (status.st_mode & 07777) == mode_) {
            if (::pwrite(file.get(), &seq, sizeof(seq), 0) != sizeof(seq)) fail("Unable to write", path_);
            if (::fdatasync(file.get()) != 0) fail("Unable to sync", path_);
            return;
        }
    }
    const Temporary temporary{path_ + ".new"};
    {
        const FileDescriptor file(::open(temporary.path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode_));
        if (!file) fail("Unable to create", temporary.path);
        // Whatever the umask is, the mode is the documented one.
        if (::fchmod(file.get(), mode_) != 0) fail("Unable to set the mode of", temporary.path);
        if (::write(file.get(), &seq, sizeof(seq)) != sizeof(seq)) fail("Unable to write", temporary.path);
        if (::fsync(file.get()) != 0) fail("Unable to sync", temporary.path);
    }
    if (std::rename(temporary.path.c_str(), path_.c_str()) != 0) fail("Unable to replace", path_);
    sync_directory(path_);
}

}  // namespace engine
