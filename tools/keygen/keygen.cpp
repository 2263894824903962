#include "tools/keygen/keygen.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "tools/common/program.hpp"

namespace tools::keygen {
namespace {

struct Failure {
    int code;
    std::string text;
};

Failure failure(int code, const std::string& what) {
    return {code, fmt::format("{}: {}", what, std::strerror(errno))};
}

// Key bytes that do not outlive their use.
class Key {
public:
    explicit Key(std::size_t size) : bytes_(size) {}
    ~Key() { explicit_bzero(bytes_.data(), bytes_.size()); }
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;
    std::vector<unsigned char>& bytes() { return bytes_; }

private:
    std::vector<unsigned char> bytes_;
};

class File {
public:
    explicit File(int fd) : fd_(fd) {}
    ~File() { close(); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int fd() const { return fd_; }
    bool close() { return fd_ < 0 || ::close(std::exchange(fd_, -1)) == 0; }

private:
    int fd_;
};

void gather(const Request& request, Key& key) {
    const File source(::open(request.source.c_str(), O_RDONLY | O_CLOEXEC));
    if (source.fd() < 0) throw failure(1, "Failed to open random source");
    const bool slow = request.source == "/dev/random";
    if (slow && !request.json) fmt::print("Press keys on your keyboard to generate entropy.\n");
    std::size_t have = 0;
    while (have < key.bytes().size()) {
        const ssize_t got = ::read(source.fd(), key.bytes().data() + have, key.bytes().size() - have);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw failure(1, "Could not read " + request.source);
        // corosync-keygen asks such a source for ever.
        if (got == 0)
            throw Failure{1, fmt::format("{} ended after {} of {} bytes", request.source, have, request.size)};
        have += static_cast<std::size_t>(got);
        if (have < key.bytes().size() && !request.json) {
            fmt::print("Press keys on your keyboard to generate entropy ({} bits still needed).\n",
                       (key.bytes().size() - have) * 8);
        }
    }
}

void store(const Request& request, Key& key) {
    const int existing = request.fresh ? O_EXCL : O_TRUNC;
    File file(::open(request.file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | existing, 0600));
    if (file.fd() < 0) throw failure(2, "Could not create " + request.file);
    if (::fchmod(file.fd(), 0400) != 0) throw failure(3, "Failed to set key file permissions to 0400");
    if (!request.json) fmt::print("Writing corosync key to {}.\n", request.file);
    std::size_t done = 0;
    while (done < key.bytes().size()) {
        const ssize_t put = ::write(file.fd(), key.bytes().data() + done, key.bytes().size() - done);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) throw failure(4, "Could not write " + request.file);
        done += static_cast<std::size_t>(put);
    }
    if (!file.close()) throw failure(5, "Could not close " + request.file);
}

}  // namespace

int generate(const char* name, const Request& request) {
    Key key(request.size);
    if (!request.json) {
        fmt::print("Corosync Cluster Engine Authentication key generator.\nGathering {} bits for key from {}.\n",
                   request.size * 8, request.source);
    }
    try {
        gather(request, key);
        store(request, key);
    } catch (const Failure& problem) {
        complain(fmt::format("{}: {}", name, problem.text));
        return problem.code;
    }
    if (request.json) {
        const nlohmann::json report = {{"file", request.file}, {"bytes", request.size}, {"source", request.source}};
        print_json(report, -1);
    }
    return 0;
}

}  // namespace tools::keygen
