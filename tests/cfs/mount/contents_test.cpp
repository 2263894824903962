// Reading and writing.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <memory>
#include <numeric>

#include "engine/base/file_descriptor.hpp"
#include "tests/cfs/mount/mounted.hpp"

namespace cfs::mount {
namespace {

class Contents : public Mounted {
protected:
    engine::FileDescriptor open(const std::string& name, int flags) const {
        return engine::FileDescriptor(::open(path(name).c_str(), flags | O_CLOEXEC, 0640));
    }
    static std::string pattern(std::size_t size) {
        std::string out(size, ' ');
        for (std::size_t i = 0; i < size; ++i)
            out[i] = static_cast<char>(i * 131 + i / 4096);
        return out;
    }
    static std::string read_all(int fd) {
        std::string out(1'000'000, 0);
        const auto count = ::pread(fd, out.data(), out.size(), 0);
        out.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
        return out;
    }
};

TEST_F(Contents, OfEverySizeUpToTheLimit) {
    for (const std::size_t size : {0, 1, 4095, 4096, 4097, 131072, 131073, 524287, 524288}) {
        EXPECT_EQ(put("f", pattern(size)), 0) << size;
        EXPECT_TRUE(get("f") == pattern(size)) << size;
        EXPECT_EQ(stat_of("f").st_size, static_cast<off_t>(size));
        EXPECT_EQ(stat_of("f").st_blocks, static_cast<blkcnt_t>((size + 511) / 512));
    }
    EXPECT_EQ(put("f", pattern(524289)), EFBIG);
    const auto file = open("f", O_RDWR);
    EXPECT_EQ(::pwrite(file.get(), "x", 1, 524288), -1);
    EXPECT_EQ(errno, EFBIG);
    EXPECT_EQ(::pwrite(file.get(), "x", 1, (off_t{1} << 32) + 5), -1) << "is not byte 5";
    EXPECT_EQ(errno, EFBIG);
    EXPECT_EQ(::ftruncate(file.get(), 524289), -1);
    EXPECT_EQ(errno, EFBIG);
}

TEST_F(Contents, AFileOfTheLargestSizeIsOneChange) {
    const auto file = open("f", O_RDWR | O_CREAT);
    const int before = files.submitted;
    const std::string all = pattern(524288);
    EXPECT_EQ(::write(file.get(), all.data(), all.size()), static_cast<ssize_t>(all.size()));
    EXPECT_EQ(files.submitted, before + 1);
}

TEST_F(Contents, HolesAppendsAndTruncations) {
    const auto file = open("f", O_RDWR | O_CREAT);
    EXPECT_EQ(::pwrite(file.get(), "end", 3, 10), 3);
    EXPECT_EQ(get("f"), std::string(10, '\0') + "end");
    EXPECT_EQ(::ftruncate(file.get(), 4), 0);
    EXPECT_EQ(get("f"), std::string(4, '\0'));
    EXPECT_EQ(::ftruncate(file.get(), 6), 0);
    EXPECT_EQ(get("f"), std::string(6, '\0'));
    EXPECT_EQ(::truncate(path("f").c_str(), 0), 0);
    EXPECT_EQ(::truncate(path("f").c_str(), 5), 0) << "of an empty file, which kills pmxcfs";
    EXPECT_EQ(get("f"), std::string(5, '\0'));
    const auto appending = open("f", O_WRONLY | O_APPEND);
    EXPECT_EQ(::write(appending.get(), "ab", 2), 2);
    EXPECT_EQ(::write(appending.get(), "cd", 2), 2);
    EXPECT_EQ(get("f"), std::string(5, '\0') + "abcd");
    EXPECT_EQ(::fsync(appending.get()), 0);
    EXPECT_EQ(::fdatasync(appending.get()), 0);
}

TEST_F(Contents, AreSeenAtOnceWhoeverWroteThem) {
    ASSERT_EQ(put("f", "one"), 0);
    const auto file = open("f", O_RDONLY);
    EXPECT_EQ(read_all(file.get()), "one");
    EXPECT_EQ(files.from_elsewhere(Operation::write("f", {'t', 'w', 'o', '!'})), 4);
    EXPECT_EQ(read_all(file.get()), "two!");
}

TEST_F(Contents, AreAppendedToWhatAnotherNodeHasAppended) {
    ASSERT_EQ(put("f", "one "), 0);
    const auto file = open("f", O_WRONLY | O_APPEND);
    EXPECT_EQ(files.from_elsewhere(Operation::write("f", {'t', 'w', 'o', ' '}, 4)), 4);
    EXPECT_EQ(::write(file.get(), "three ", 6), 6);
    EXPECT_EQ(::write(file.get(), "four", 4), 4);
    EXPECT_EQ(get("f"), "one two three four");
    EXPECT_EQ(files.from_elsewhere(Operation::truncated("f", 0)), 0);
    EXPECT_EQ(::write(file.get(), "five", 4), 4);
    EXPECT_EQ(get("f"), "five");
}

TEST_F(Contents, AnOpenFileOutlivesItsName) {
    ASSERT_EQ(put("f", "kept"), 0);
    const auto file = open("f", O_RDWR);
    const int before = files.submitted;
    EXPECT_EQ(::unlink(path("f").c_str()), 0);
    EXPECT_EQ(files.submitted, before + 1) << "nobody hears of a hidden name";
    EXPECT_EQ(list("").size(), virtual_entries().size());
    EXPECT_EQ(read_all(file.get()), "kept");
    EXPECT_EQ(::pwrite(file.get(), "more", 4, 4), 4);
    EXPECT_EQ(read_all(file.get()), "keptmore");
    EXPECT_EQ(::ftruncate(file.get(), 2), 0);
    EXPECT_EQ(read_all(file.get()), "ke");
    struct stat left {};
    EXPECT_EQ(::fstat(file.get(), &left), 0);
    EXPECT_EQ(left.st_nlink, 0u);
    EXPECT_EQ(files.submitted, before + 1);
}

TEST_F(Contents, AReplacedFileOutlivesItsNameToo) {
    ASSERT_EQ(put("f", "old"), 0);
    ASSERT_EQ(put("f.new", "new"), 0);
    const auto file = open("f", O_RDONLY);
    EXPECT_EQ(::rename(path("f.new").c_str(), path("f").c_str()), 0);
    EXPECT_EQ(read_all(file.get()), "old");
    EXPECT_EQ(get("f"), "new");
    // Another node changes and removes what is open here.
    const auto other = open("f", O_RDONLY);
    EXPECT_EQ(read_all(other.get()), "new");
    EXPECT_EQ(files.from_elsewhere(Operation::write("f", {'N'})), 1);
    Change change;
    files.look([&](const Tree& tree) { change.put = {{*tree.find("f")}}; });
    mount->changed(change);
    EXPECT_EQ(files.from_elsewhere(Operation::remove("f")), 0);
    EXPECT_EQ(read_all(other.get()), "New");
}

TEST_F(Contents, AFileCanBeOpenedThatWasReplacedSinceItWasLookedUp) {
    ASSERT_EQ(put("f", "old"), 0);
    ASSERT_EQ(put("new", "newer"), 0);
    // Looked up, but not opened: what open() itself does, step by step.
    const auto known = open("f", O_PATH);
    const std::string again = "/proc/self/fd/" + std::to_string(known.get());
    EXPECT_EQ(files.from_elsewhere(Operation::rename("new", "f")), 0);
    EXPECT_EQ(totem::test::get(again), "old");
    struct stat left {};
    EXPECT_EQ(::stat(again.c_str(), &left), 0) << errno;
    EXPECT_EQ(left.st_nlink, 0u);
    EXPECT_EQ(totem::test::put(again, "mine"), 0);
    EXPECT_EQ(totem::test::get(again), "mine");
    EXPECT_EQ(get("f"), "newer");
}

TEST_F(Contents, AFileWithoutANameHasTimesOfItsOwn) {
    ASSERT_EQ(put("f", "x"), 0);
    const auto file = open("f", O_RDWR);
    ASSERT_EQ(::unlink(path("f").c_str()), 0);
    const int before = files.submitted;
    const timespec times[] = {{0, UTIME_OMIT}, {1'000'000'000, 0}};
    EXPECT_EQ(::futimens(file.get(), times), 0) << errno;
    struct stat left {};
    EXPECT_EQ(::fstat(file.get(), &left), 0);
    EXPECT_EQ(left.st_mtim.tv_sec, 1'000'000'000);
    EXPECT_EQ(files.submitted, before) << "it is nobody else's";
}

TEST_F(Contents, WhatTheKernelForgetsIsFreed) {
    ASSERT_EQ(put("f", "old"), 0);
    std::weak_ptr<const std::vector<std::uint8_t>> content;
    files.look([&](const Tree& tree) { content = tree.find("f")->content; });
    {
        const auto file = open("f", O_RDONLY);
        EXPECT_EQ(files.from_elsewhere(Operation::remove("f")), 0);
        EXPECT_EQ(read_all(file.get()), "old");
        EXPECT_FALSE(content.expired());
    }
    EXPECT_EQ(get("f"), "errno " + std::to_string(ENOENT));  // the kernel learns that the name is gone
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!content.expired() && std::chrono::steady_clock::now() < until)
        std::this_thread::yield();
    EXPECT_TRUE(content.expired());
}

TEST_F(Contents, AReplacedFileIsNeverMissing) {
    ASSERT_EQ(put("f", "old"), 0);
    ASSERT_EQ(put("f.new", "new"), 0);
    // The tree has the new one while the kernel waits for the disk and keeps the directory.
    files.slow_disk = true;
    std::thread renamer([&] { EXPECT_EQ(::rename(path("f.new").c_str(), path("f").c_str()), 0); });
    while (files.waiting == 0)
        std::this_thread::yield();
    std::string seen;
    std::thread reader([&] { seen = get("f"); });
    files.slow_disk = false;
    files.answer_held();
    renamer.join();
    reader.join();
    EXPECT_TRUE(seen == "old" || seen == "new") << seen;
    EXPECT_EQ(get("f"), "new");
}

TEST_F(Contents, AFileWithoutANameKeepsItsMode) {
    ASSERT_EQ(::mkdir(path("priv").c_str(), 0755), 0);
    for (const auto& [name, mode] : {std::pair("priv/secret", 0600), std::pair("open", 0640)}) {
        ASSERT_EQ(put(name, "x"), 0);
        const auto file = open(name, O_RDONLY);
        ASSERT_EQ(::unlink(path(name).c_str()), 0);
        struct stat found {};
        ASSERT_EQ(::fstat(file.get(), &found), 0);
        EXPECT_EQ(found.st_mode & 07777, static_cast<mode_t>(mode)) << name;
    }
}

TEST_F(Contents, WhatAnotherNodeReplacesIsNeverMissing) {
    ASSERT_EQ(put("f", "old"), 0);
    ASSERT_EQ(get("f"), "old");
    // The kernel has not heard of it and remembers the old one.
    EXPECT_EQ(files.from_elsewhere(Operation::create("f.new")), 0);
    EXPECT_EQ(files.from_elsewhere(Operation::write("f.new", {'n', 'e', 'w', 'e', 'r'})), 5);
    EXPECT_EQ(files.from_elsewhere(Operation::rename("f.new", "f")), 0);
    EXPECT_EQ(get("f"), "newer");
    EXPECT_EQ(stat_of("f").st_size, 5);
    EXPECT_EQ(files.from_elsewhere(Operation::remove("f")), 0);
    EXPECT_EQ(get("f"), "errno " + std::to_string(ENOENT));
    EXPECT_EQ(::truncate(path("f").c_str(), 0), -1);
    EXPECT_EQ(errno, ENOENT);
}

TEST_F(Contents, MappedPrivatelyButNotShared) {
    ASSERT_EQ(put("f", pattern(10000)), 0);
    const auto file = open("f", O_RDWR);
    void* mapped = ::mmap(nullptr, 10000, PROT_READ, MAP_PRIVATE, file.get(), 0);
    ASSERT_NE(mapped, MAP_FAILED) << errno;
    EXPECT_TRUE(std::string(static_cast<const char*>(mapped), 10000) == pattern(10000));
    ::munmap(mapped, 10000);
    EXPECT_EQ(::mmap(nullptr, 10000, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0), MAP_FAILED);
    EXPECT_EQ(errno, ENODEV);
}

TEST_F(Contents, ManyWritersAtOnce) {
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 16; ++writer) {
        writers.emplace_back([this, writer] {
            for (int i = 0; i < 50; ++i) {
                const auto name = "w" + std::to_string(writer) + "-" + std::to_string(i % 5);
                EXPECT_EQ(put(name + ".tmp", name + std::to_string(i)), 0);
                EXPECT_EQ(::rename(path(name + ".tmp").c_str(), path(name).c_str()), 0);
                EXPECT_EQ(get(name), name + std::to_string(i));
            }
        });
    }
    for (auto& writer : writers)
        writer.join();
    EXPECT_EQ(list("").size(), virtual_entries().size() + 16 * 5);
}

TEST_F(Contents, ReadersDoNotWaitForWriters) {
    ASSERT_EQ(put("f", "before"), 0);
    for (int i = 0; i < 8; ++i)
        ASSERT_EQ(put("f" + std::to_string(i), ""), 0);
    files.held = true;
    std::vector<std::thread> writers;
    for (int i = 0; i < 8; ++i)  // of different files: the kernel lets only one at a time change the same
        writers.emplace_back([this, i] { EXPECT_EQ(::truncate(path("f" + std::to_string(i)).c_str(), 9), 0); });
    while (files.waiting < 8)
        std::this_thread::yield();  // all eight wait, and there are three threads
    EXPECT_EQ(get("f"), "before");
    EXPECT_EQ(::mkdir(path("").c_str(), 0777), -1);
    files.held = false;
    files.answer_held();
    for (auto& writer : writers)
        writer.join();
}

TEST_F(Contents, SpaceIsCounted) {
    struct statvfs before {
    }, after{};
    ASSERT_EQ(::statvfs(point.c_str(), &before), 0);
    EXPECT_EQ(before.f_bsize, 4096u);
    EXPECT_EQ(before.f_blocks, 7680u);
    EXPECT_EQ(before.f_files, 10000u);
    ASSERT_EQ(put("f", pattern(10000)), 0);
    ASSERT_EQ(::statvfs(point.c_str(), &after), 0);
    EXPECT_EQ(before.f_bfree - after.f_bfree, 3u);
    EXPECT_EQ(before.f_ffree - after.f_ffree, 1u);
}

}  // namespace
}  // namespace cfs::mount
