// The table of modes (pmxcfs.md section 8), and what chmod and chown take (9).

#include "cfs/tree/modes.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace cfs {
namespace {

void expect(NodeType type, const char* path, mode_t quorate, mode_t not_quorate, Era era = Era::p5) {
    EXPECT_EQ(permissions(type, path, true, era), quorate) << path;
    EXPECT_EQ(permissions(type, path, false, era), not_quorate) << path;
}

TEST(CfsModes, DependOnTypePathAndQuorum) {
    expect(NodeType::directory, "", 0755, 0755);
    expect(NodeType::directory, "/", 0755, 0755);
    expect(NodeType::directory, "nodes", 0755, 0555);
    expect(NodeType::directory, "priv", 0700, 0500);
    expect(NodeType::directory, "/priv/lock", 0700, 0500);
    expect(NodeType::directory, "nodes/x/priv", 0700, 0500);
    expect(NodeType::directory, "nodes/x/lxc", 0755, 0555);
    expect(NodeType::file, "user.cfg", 0640, 0440);
    expect(NodeType::file, "private", 0640, 0440);
    expect(NodeType::file, "nodes/priv", 0640, 0440);
    expect(NodeType::file, "nodes/x/y/priv", 0640, 0440);
    expect(NodeType::file, "priv/shadow.cfg", 0600, 0400);
    expect(NodeType::file, "nodes/x/priv/a/b", 0600, 0400);
    expect(NodeType::file, "nodes/x/lxc/100.conf", 0644, 0444);
    expect(NodeType::file, "nodes/x/lxc/100.conf", 0640, 0440, Era::p9);
    expect(NodeType::file, "nodes/x/openvz/100.conf", 0640, 0440);
    expect(NodeType::link, "local", 0755, 0555);
}

TEST(CfsModes, ActionScriptsAreExecutable) {
    for (const char* path :
         {"vps.mount", "nodes/x/openvz/100.umount", "a/7.start", "1.stop", "2.premount", "3.postumount"}) {
        expect(NodeType::file, path, 0740, 0540);
    }
    for (const char* path : {"vps.conf", "0.mount", "x1.mount", "100.mount.old", "mount", ".mount"}) {
        expect(NodeType::file, path, 0640, 0440);
    }
    expect(NodeType::file, "priv/vps.mount", 0700, 0500);
    expect(NodeType::directory, "vps.mount", 0755, 0555);
}

TEST(CfsModes, Attributes) {
    Entry file;
    file.inode = 5;
    file.kind = Kind::file;
    file.size = 513;
    file.mtime = 99;
    Attributes out = attributes(file, "user.cfg", true, Era::p5);
    EXPECT_EQ(out.mode, mode_t{S_IFREG | 0640});
    EXPECT_EQ(out.links, 1u);
    EXPECT_EQ(out.size, 513u);
    EXPECT_EQ(out.blocks, 2u);
    EXPECT_EQ(out.mtime, 99u);
    Entry root;
    root.mtime = 99;
    out = attributes(root, "/", false, Era::p5);
    EXPECT_EQ(out.mode, mode_t{S_IFDIR | 0755});
    EXPECT_EQ(out.links, 2u);
    EXPECT_EQ(out.mtime, 0u);
}

TEST(CfsModes, ChmodTakesWhatIsThereAnyway) {
    EXPECT_EQ(check_chmod("user.cfg", S_IFREG | 0640), 0);
    EXPECT_EQ(check_chmod("user.cfg", 0600), -EPERM);
    EXPECT_EQ(check_chmod("priv/x", 0600), 0);
    EXPECT_EQ(check_chmod("priv/x", 0640), -EPERM);
    EXPECT_EQ(check_chmod("nodes", 0755), -EPERM);
    EXPECT_EQ(check_chmod("nodes", 04640), -EPERM);
}

TEST(CfsModes, ChownTakesTheOwnerThatIsThere) {
    constexpr auto same = static_cast<uid_t>(-1);
    EXPECT_EQ(check_chown(0, 33, 33), 0);
    EXPECT_EQ(check_chown(same, same, 33), 0);
    EXPECT_EQ(check_chown(1, 33, 33), -EPERM);
    EXPECT_EQ(check_chown(0, 0, 33), -EPERM);
}

}  // namespace
}  // namespace cfs
