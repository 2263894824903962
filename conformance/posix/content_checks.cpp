// Reading and writing, synchronising and mapping.

#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <random>

#include "conformance/posix/checks.hpp"

namespace posix {
namespace {

std::string read_now(const FileDescriptor& file, std::size_t most) {
    std::string out(most, '\0');
    const ssize_t count = ::read(file.get(), out.data(), out.size());
    out.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return out;
}

void sizes(Place& at) {
    const std::size_t largest = at.store().largest;
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, std::size_t{4095}, std::size_t{4096}, std::size_t{4097}, std::size_t{131071},
          std::size_t{131072}, std::size_t{131073}, largest - 1, largest}) {
        at.error(fmt::format("writing {} bytes", size), put(at / "file", pattern(size)), 0);
        at.content("reading them", get(at / "file"), pattern(size));
        at.equal("st_size", stat_of(at / "file").st_size, static_cast<off_t>(size));
    }
}

void positions(Place& at) {
    const auto file = open(at / "file", O_RDWR | O_CREAT);
    at.error("write", append(file, "0123456789"), 0);
    at.equal("position behind it", ::lseek(file.get(), 0, SEEK_CUR), 10);
    at.error("pwrite", write_at(file, "AB", 2), 0);
    at.equal("position as before", ::lseek(file.get(), 0, SEEK_CUR), 10);
    at.equal("lseek from the end", ::lseek(file.get(), -4, SEEK_END), 6);
    at.content("read from there", read_now(file, 2), "67");
    at.error("write behind that", append(file, "X"), 0);
    at.content("read to the end", read_now(file, 100), "9");
    at.content("read at the end", read_now(file, 100), "");
    std::array<char, 4> bytes{};
    at.equal("pread", ::pread(file.get(), bytes.data(), 4, 1), 4);
    at.content("its bytes", {bytes.data(), 4}, "1AB4");
    at.equal("pread behind the end", ::pread(file.get(), bytes.data(), 4, 10), 0);
    at.equal("pread far behind it", ::pread(file.get(), bytes.data(), 4, 1 << 20), 0);
    at.error("pread before the start", errno_of(::pread(file.get(), bytes.data(), 4, -1)), EINVAL);
    at.error("pwrite before the start", errno_of(::pwrite(file.get(), bytes.data(), 4, -1)), EINVAL);
    at.error("lseek before the start", errno_of(::lseek(file.get(), -11, SEEK_END)), EINVAL);
    at.equal("a write of nothing", ::pwrite(file.get(), bytes.data(), 0, 500), 0);
    at.content("all", get(file), "01AB4567X9");
}

void vectors(Place& at) {
    const auto file = open(at / "file", O_RDWR | O_CREAT);
    std::string one = "one ", two = "two ", three(5000, '3');
    const std::array<iovec, 3> parts = {{{one.data(), 4}, {two.data(), 4}, {three.data(), three.size()}}};
    at.equal("writev", ::writev(file.get(), parts.data(), 3), 5008);
    at.content("all", get(file), one + two + three);
    at.equal("pwritev", ::pwritev(file.get(), parts.data(), 2, 4), 8);
    at.content("all, again", get(file), "one one two " + three.substr(4));
    at.equal("preadv", ::preadv(file.get(), parts.data(), 2, 4), 8);
    at.content("its parts", one + two, "one two ");
}

void gaps(Place& at) {
    const auto file = open(at / "file", O_RDWR | O_CREAT);
    at.error("pwrite into an empty file", write_at(file, "end", 10000), 0);
    std::string expected = std::string(10000, '\0') + "end";
    at.content("zeros before it", get(file), expected);
    at.error("pwrite behind the end", write_at(file, "more", 20000), 0);
    expected.resize(20000);
    expected += "more";
    at.content("zeros between", get(file), expected);
    at.error("pwrite into the gap", write_at(file, "middle", 15000), 0);
    expected.replace(15000, 6, "middle");
    at.content("the rest is zero", get(file), expected);
}

void seen_at_once(Place& at) {
    const auto writer = open(at / "file", O_RDWR | O_CREAT), reader = open(at / "file", O_RDONLY);
    for (int i = 1; i <= static_cast<int>(at.times(50)); ++i) {
        at.error("append", append(writer, "0123456789"), 0);
        at.equal("fstat of another descriptor", stat_of(reader).st_size, i * 10);
        at.equal("stat", stat_of(at / "file").st_size, i * 10);
        at.content("read through it", read_now(reader, 100), "0123456789");
    }
}

// Whatever is done to a file, it is what a string would be.
void random(Place& at) {
    constexpr std::size_t kMost = 60'000;
    std::mt19937 random(4711);
    const auto up_to = [&random](std::size_t most) { return static_cast<std::size_t>(random() % (most + 1)); };
    const auto file = open(at / "file", O_RDWR | O_CREAT);
    std::string model;
    for (unsigned step = 0; step < at.times(400) && at.problems().empty(); ++step) {
        const std::size_t offset = up_to(kMost);
        if (up_to(3) == 0) {
            at.error("ftruncate", errno_of(::ftruncate(file.get(), static_cast<off_t>(offset))), 0);
            model.resize(offset);
        } else {
            const std::string bytes = pattern(up_to(9000)).substr(0, kMost - offset);
            at.error("pwrite", write_at(file, bytes, static_cast<off_t>(offset)), 0);
            if (!bytes.empty()) {
                model.resize(std::max(model.size(), offset + bytes.size()));
                model.replace(offset, bytes.size(), bytes);
            }
        }
        at.content(fmt::format("after step {}", step), get(file), model);
    }
}

void copies(Place& at) {
    const std::string content = pattern(300'000);
    put(at / "from", content);
    const auto from = open(at / "from", O_RDONLY);
    const auto to = open(at / "to", O_RDWR | O_CREAT), sent = open(at / "sent", O_RDWR | O_CREAT);
    std::size_t done = 0;
    ssize_t count = 0;
    while ((count = ::copy_file_range(from.get(), nullptr, to.get(), nullptr, content.size() - done, 0)) > 0)
        done += static_cast<std::size_t>(count);
    at.error("copy_file_range", errno_of(count), 0);
    at.content("the copy", get(to), content);
    off_t offset = 0;
    while ((count = ::sendfile(sent.get(), from.get(), &offset, content.size())) > 0) {
    }
    at.error("sendfile", errno_of(count), 0);
    at.content("what was sent", get(sent), content);
    at.equal("SEEK_DATA", ::lseek(from.get(), 0, SEEK_DATA), 0);
    at.equal("SEEK_HOLE", ::lseek(from.get(), 0, SEEK_HOLE), static_cast<off_t>(content.size()));
}

void synchronised(Place& at) {
    const auto file = open(at / "file", O_RDWR | O_CREAT | O_SYNC);
    at.error("write with O_SYNC", append(file, "content"), 0);
    at.error("fsync", errno_of(::fsync(file.get())), 0);
    at.error("fdatasync", errno_of(::fdatasync(file.get())), 0);
    at.error("fsync of what is open for reading", errno_of(::fsync(open(at / "file", O_RDONLY).get())), 0);
    const auto directory = open(at.directory(), O_RDONLY | O_DIRECTORY);
    at.error("fsync of a directory", errno_of(::fsync(directory.get())), 0);
    at.error("fdatasync of a directory", errno_of(::fdatasync(directory.get())), 0);
    at.error("syncfs", errno_of(::syncfs(directory.get())), 0);
}

std::string mapped(const FileDescriptor& file, std::size_t size) {
    void* const bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (bytes == MAP_FAILED) return "[" + error_name(errno) + "]";
    std::string out(static_cast<const char*>(bytes), size);
    ::munmap(bytes, size);
    return out;
}

void mapped_privately(Place& at) {
    const std::string content = pattern(100'000);
    put(at / "file", content);
    const auto file = open(at / "file", O_RDWR);
    at.content("MAP_PRIVATE", mapped(file, content.size()), content);
    at.error("a write", write_at(file, "changed", 5000), 0);
    at.content("mapped again", mapped(file, content.size()), get(file));
    void* const bytes = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, file.get(), 0);
    if (bytes == MAP_FAILED) return at.problem("MAP_PRIVATE for writing: " + error_name(errno));
    static_cast<char*>(bytes)[0] = '!';
    ::munmap(bytes, 4096);
    at.content("the file does not see private changes", get(file).substr(0, 1), content.substr(0, 1));
}

void mapped_shared(Place& at) {
    put(at / "file", pattern(10'000));
    const auto file = open(at / "file", O_RDWR);
    for (const int protection : {PROT_READ, PROT_READ | PROT_WRITE}) {
        void* const bytes = ::mmap(nullptr, 10'000, protection, MAP_SHARED, file.get(), 0);
        at.error("MAP_SHARED", bytes == MAP_FAILED ? errno : 0, ENODEV);
        if (bytes != MAP_FAILED) ::munmap(bytes, 10'000);
    }
}

constexpr Check kChecks[] = {
    {"content/sizes", sizes},
    {"content/positions", positions},
    {"content/vectors", vectors},
    {"content/gaps", gaps},
    {"content/seen-at-once", seen_at_once},
    {"content/random", random},
    {"content/copies", copies},
    {"content/synchronised", synchronised},
    {"content/mapped-privately", mapped_privately},
    {"content/mapped-shared", mapped_shared},
};

}  // namespace

Checks content_checks() {
    return kChecks;
}

}  // namespace posix
