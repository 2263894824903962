// What has a name: made, moved, removed, listed.
#include <dirent.h>
#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>

#include "tests/cfs/mount/mounted.hpp"

namespace cfs::mount {
namespace {

class Names : public Mounted {
protected:
    int result(int value) const { return value == 0 ? 0 : errno; }
    int make_directory(const std::string& name) const { return result(::mkdir(path(name).c_str(), 0777)); }
    int remove_directory(const std::string& name) const { return result(::rmdir(path(name).c_str())); }
    int remove(const std::string& name) const { return result(::unlink(path(name).c_str())); }
    int move(const std::string& from, const std::string& to) const {
        return result(::rename(path(from).c_str(), path(to).c_str()));
    }
    int make_exclusively(const std::string& name) const {
        const int fd = ::open(path(name).c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0640);
        if (fd < 0) return errno;
        ::close(fd);
        return 0;
    }
};

TEST_F(Names, DirectoriesAndTheirErrors) {
    EXPECT_EQ(make_directory("a"), 0);
    EXPECT_EQ(make_directory("a"), EEXIST);
    EXPECT_EQ(make_directory("b/c"), ENOENT);
    EXPECT_EQ(put("file", "x"), 0);
    EXPECT_EQ(make_directory("file/c"), ENOTDIR);
    EXPECT_EQ(make_directory("a/b"), 0);
    EXPECT_EQ(remove_directory("a"), ENOTEMPTY);
    EXPECT_EQ(remove_directory("file"), ENOTDIR);
    EXPECT_EQ(remove("a"), EISDIR);
    EXPECT_EQ(remove("nothing"), ENOENT);
    EXPECT_EQ(stat_of("a").st_mode, static_cast<mode_t>(S_IFDIR | 0755));
    EXPECT_EQ(stat_of("a").st_nlink, 2u);
    EXPECT_EQ(stat_of("file").st_gid, kGroup);
    EXPECT_EQ(remove_directory("a/b"), 0);
    EXPECT_EQ(remove_directory("a"), 0);
    EXPECT_EQ(::access(path("a").c_str(), F_OK), -1);
}

TEST_F(Names, DeepTreesAndOddNames) {
    std::string deep = "d";
    for (int i = 0; i < 60; ++i) {
        ASSERT_EQ(make_directory(deep), 0) << deep;
        deep += "/d";
    }
    EXPECT_EQ(put(deep, "bottom"), 0);
    EXPECT_EQ(get(deep), "bottom");
    for (const std::string name : {"with space", "new\nline", "\xc3\xa4\xf0\x9f\x98\x80", "\xff\xfe", ".hidden", "-f",
                                   "*", "%s", "a\\b\"c", "..."}) {
        EXPECT_EQ(put(name, name), 0) << name;
        EXPECT_EQ(get(name), name);
        EXPECT_EQ(remove(name), 0) << name;
    }
    EXPECT_EQ(put(std::string(255, 'n'), "x"), 0);
    EXPECT_EQ(put(std::string(1024, 'n'), "x"), 0);
    EXPECT_EQ(put(std::string(1025, 'n'), "x"), ENAMETOOLONG);
}

TEST_F(Names, RenameReplacesAndMoves) {
    ASSERT_EQ(make_directory("a"), 0);
    ASSERT_EQ(make_directory("b"), 0);
    ASSERT_EQ(put("a/x", "one"), 0);
    ASSERT_EQ(put("b/y", "two"), 0);
    const auto inode = stat_of("a/x").st_ino;
    EXPECT_EQ(move("a/x", "b/y"), 0);
    EXPECT_EQ(get("b/y"), "one");
    EXPECT_EQ(stat_of("b/y").st_ino, inode) << "a file is the same wherever it goes";
    EXPECT_EQ(get("a/x"), "errno " + std::to_string(ENOENT));
    EXPECT_EQ(move("b/y", "b/y"), 0);
    EXPECT_EQ(move("nothing", "c"), ENOENT);
    EXPECT_EQ(move("b", "a"), ENOTEMPTY) << "pmxcfs has no rename of a directory that is not empty";
    EXPECT_EQ(move("b/y", "a/x"), 0);
    EXPECT_EQ(move("b", "c"), 0);
    EXPECT_EQ(::renameat2(AT_FDCWD, path("a/x").c_str(), AT_FDCWD, path("a/z").c_str(), RENAME_NOREPLACE), -1);
    EXPECT_EQ(errno, EINVAL);
}

TEST_F(Names, OnlyOneMakesAFileExclusively) {
    EXPECT_EQ(make_exclusively("f"), 0);
    EXPECT_EQ(make_exclusively("f"), EEXIST);
    EXPECT_EQ(files.from_elsewhere(Operation::create("g")), 0);
    EXPECT_EQ(make_exclusively("g"), EEXIST);
}

TEST_F(Names, WhoComesSecondOpensTheFileOfTheFirst) {
    // Another node makes the file after the kernel has looked and before the request is decided.
    files.held = true;
    std::thread opener([&] {
        const int fd = ::open(path("f").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0640);
        EXPECT_GE(fd, 0) << errno;
        char byte = 0;
        EXPECT_EQ(::read(fd, &byte, 1), 1);
        EXPECT_EQ(byte, 'x');
        ::close(fd);
    });
    while (files.waiting == 0)
        std::this_thread::yield();
    EXPECT_EQ(files.from_elsewhere(Operation::create("f")), 0);
    EXPECT_EQ(files.from_elsewhere(Operation::write("f", {'x'})), 1);
    files.held = false;
    files.answer_held();
    opener.join();
}

TEST_F(Names, ThousandsInOneDirectory) {
    ASSERT_EQ(make_directory("many"), 0);
    std::vector<std::string> names;
    for (int i = 0; i < 3000; ++i) {
        names.push_back("entry-with-a-name-of-some-length-" + std::to_string(10000 + i));
        ASSERT_EQ(files.from_elsewhere(Operation::create("many/" + names.back())), 0);
    }
    EXPECT_EQ(list("many"), names);
}

TEST_F(Names, AListFromTheStartIsANewOne) {
    DIR* const names = ::opendir(point.c_str());
    ASSERT_NE(names, nullptr);
    const auto count = [names] {
        std::size_t out = 0;
        while (::readdir(names))
            ++out;
        return out;
    };
    const std::size_t before = count();
    EXPECT_EQ(files.from_elsewhere(Operation::create("f")), 0);
    EXPECT_EQ(count(), 0u);
    ::rewinddir(names);
    EXPECT_EQ(count(), before + 1);
    ::closedir(names);
}

TEST_F(Names, WhatDoesNotExistHereIsRefused) {
    ASSERT_EQ(put("f", ""), 0);
    EXPECT_EQ(result(::symlink("f", path("s").c_str())), ENOSYS);
    EXPECT_EQ(result(::mkfifo(path("p").c_str(), 0600)), ENOSYS);
    EXPECT_EQ(result(::mknod(path("dev").c_str(), S_IFCHR | 0600, makedev(1, 3))), ENOSYS);
    EXPECT_EQ(result(::mknod(path("reg").c_str(), S_IFREG | 0600, 0)), 0);
    EXPECT_NE(result(::link(path("f").c_str(), path("l").c_str())), 0);
    EXPECT_EQ(get("reg"), "");
}

TEST_F(Names, GuestsHaveOneOwner) {
    for (const auto* each :
         {"nodes", "nodes/a", "nodes/b", "nodes/a/qemu-server", "nodes/b/qemu-server", "nodes/b/lxc"})
        ASSERT_EQ(make_directory(each), 0);
    EXPECT_EQ(put("nodes/a/qemu-server/100.conf", "memory: 1\n"), 0);
    EXPECT_EQ(put("nodes/b/qemu-server/100.conf", "x"), EEXIST);
    EXPECT_EQ(make_exclusively("nodes/b/lxc/100.conf"), EEXIST);
    EXPECT_EQ(move("nodes/a/qemu-server/100.conf", "nodes/b/qemu-server/100.conf"), 0);
    EXPECT_EQ(get("nodes/b/qemu-server/100.conf"), "memory: 1\n");
}

}  // namespace
}  // namespace cfs::mount
