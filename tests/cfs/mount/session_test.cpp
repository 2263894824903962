// The mount as such: its options, its end, and what the kernel remembers.
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "tests/cfs/mount/mounted.hpp"

namespace cfs::mount {
namespace {

class Session : public Mounted {};

TEST_F(Session, LooksLikePmxcfs) {
    std::ifstream mounts("/proc/mounts");
    std::string found;
    for (std::string line; std::getline(mounts, line);) {
        if (line.find(point.string()) != std::string::npos) found = line;
    }
    EXPECT_EQ(found, "/dev/fuse " + point.string() +
                         " fuse rw,nosuid,nodev,relatime,user_id=0,group_id=0,default_permissions,allow_other 0 0");
}

TEST_F(Session, EndsWhenUnmountedFromOutside) {
    ASSERT_EQ(put("f", "x"), 0);
    ASSERT_EQ(::umount2(point.c_str(), 0), 0) << errno;
    server.join();
    EXPECT_TRUE(unmounted);
    server = std::thread([] {});
}

TEST_F(Session, EndsWhenStopped) {
    mount->stop();
    server.join();
    EXPECT_FALSE(unmounted);
    mount->stop();
    server = std::thread([] {});
}

TEST_F(Session, ForgetsWhatOthersChanged) {
    ASSERT_EQ(put("f", "one"), 0);
    ASSERT_EQ(stat_of("f").st_size, 3);
    ASSERT_EQ(files.from_elsewhere(Operation::write("f", {'l', 'o', 'n', 'g', 'e', 'r'})), 6);
    Entry unknown;
    unknown.inode = 4711;
    Change change;
    files.look([&](const Tree& tree) { change.put = {{*tree.find("f")}, {tree.root()}, {unknown}}; });
    mount->changed(change);  // also what it never heard of
    EXPECT_EQ(stat_of("f").st_size, 6);

    // Names need no notice.
    ASSERT_EQ(files.from_elsewhere(Operation::rename("f", "g")), 0);
    EXPECT_EQ(::access(path("f").c_str(), F_OK), -1);
    EXPECT_EQ(errno, ENOENT);
    EXPECT_EQ(::access(path("g").c_str(), F_OK), 0);
    ASSERT_EQ(files.from_elsewhere(Operation::remove("g")), 0);
    EXPECT_EQ(::access(path("g").c_str(), F_OK), -1);
    EXPECT_EQ(errno, ENOENT);
}

TEST(Mounting, ReportsWhyNot) {
    MemoryFileSystem files;
    try {
        const Mount mount(files, {"/nowhere/at/all", kGroup, 1});
        FAIL() << "it is mounted";
    } catch (const std::runtime_error& error) {
        EXPECT_NE(std::string(error.what()).find("fuse_mount error: /nowhere/at/all"), std::string::npos)
            << error.what();
    }
}

}  // namespace
}  // namespace cfs::mount
