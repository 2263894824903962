#include "engine/why/reader.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace engine::why {
namespace {

// Over the bound of any journal by far; whatever else lies there is not to fill the memory.
constexpr std::size_t kMostBytes = 64U << 20U;

struct Part {
    bool found = false;
    ino_t inode = 0;
    std::string text, error;
};

Part read_part(const std::string& path) {
    Part out;
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        if (errno != ENOENT) out.error = fmt::format("Can't read {}: {}", path, std::strerror(errno));
        return out;
    }
    struct stat status {};
    if (::fstat(fd, &status) == 0) out.inode = status.st_ino;
    std::array<char, 65536> buffer;
    ssize_t got = 0;
    while (out.text.size() < kMostBytes && (got = ::read(fd, buffer.data(), buffer.size())) > 0)
        out.text.append(buffer.data(), static_cast<std::size_t>(got));
    if (got < 0) out.error = fmt::format("Can't read {}: {}", path, std::strerror(errno));
    ::close(fd);
    out.found = got >= 0;
    return out;
}

void add_part(const std::string& path, const Part& part, Contents& out) {
    if (!part.error.empty()) out.error = part.error;
    out.found = out.found || part.found;
    std::size_t line = 0;
    for (std::size_t begin = 0; begin < part.text.size();) {
        const std::size_t end = part.text.find('\n', begin);
        const bool cut = end == std::string::npos;
        const std::string text = part.text.substr(begin, cut ? end : end - begin);
        begin = cut ? part.text.size() : end + 1;
        ++line;
        if (text.empty()) continue;
        if (auto record = from_line(text)) {
            out.records.push_back(std::move(*record));
        } else {
            out.damaged.push_back({path, line, cut});
        }
    }
}

}  // namespace

std::string older_part(const std::string& path) {
    return path + ".1";
}

Contents read_journal(const std::string& path) {
    Part newer = read_part(path), older = read_part(older_part(path));
    // The engine may have rotated it in between; it won't do so again that soon.
    if (newer.found && older.found && newer.inode == older.inode) newer = read_part(path);
    Contents out;
    add_part(older_part(path), older, out);
    add_part(path, newer, out);
    return out;
}

}  // namespace engine::why
