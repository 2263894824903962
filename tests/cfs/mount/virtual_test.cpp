// The files and links that are not in the tree.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "engine/base/file_descriptor.hpp"
#include "tests/cfs/mount/mounted.hpp"

namespace cfs::mount {
namespace {

class Virtual : public Mounted {};

TEST_F(Virtual, AreListedOnceInTheRootOnly) {
    ASSERT_EQ(files.from_elsewhere(Operation::create(".version")), 0) << "the tree's own one is hidden";
    ASSERT_EQ(put("f", ""), 0);
    ASSERT_EQ(::mkdir(path("d").c_str(), 0777), 0);
    const auto names = list("");
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()),
              (std::set<std::string>{".clusterlog", ".debug", ".members", ".rrd", ".version", ".vmlist", "d", "f",
                                     "local", "lxc", "openvz", "qemu-server"}));
    EXPECT_EQ(names.size(), 12u);
    EXPECT_TRUE(list("d").empty());
    EXPECT_EQ(put("d/.version", "a name like any other"), 0);
    EXPECT_EQ(get("d/.version"), "a name like any other");
}

TEST_F(Virtual, LinksLeadToThisNode) {
    for (const auto* each : {"nodes", "nodes/node1", "nodes/node1/lxc"})
        ASSERT_EQ(::mkdir(path(each).c_str(), 0777), 0);
    EXPECT_EQ(std::filesystem::read_symlink(path("local")), "nodes/node1");
    EXPECT_EQ(std::filesystem::read_symlink(path("qemu-server")), "nodes/node1/qemu-server");
    EXPECT_EQ(std::filesystem::read_symlink(path("openvz")), "nodes/node1/openvz");
    EXPECT_EQ(put("lxc/100.conf", "x"), 0);
    EXPECT_EQ(get("nodes/node1/lxc/100.conf"), "x");
    EXPECT_EQ(stat_of("local").st_size, 11);
}

TEST_F(Virtual, AnOpenFileHasTheTextOfWhenItWasOpened) {
    const engine::FileDescriptor file(::open(path(".version").c_str(), O_RDONLY | O_CLOEXEC));
    char first[20] = {}, second[20] = {};
    const auto size = ::pread(file.get(), first, sizeof first, 0);
    EXPECT_GT(size, 5);
    EXPECT_EQ(::pread(file.get(), second, sizeof second, 0), size);
    EXPECT_STREQ(first, second);
    EXPECT_EQ(::pread(file.get(), second, sizeof second, 5), size - 5);
    EXPECT_EQ(::pread(file.get(), second, sizeof second, 1000), 0);
    EXPECT_NE(get(".version"), first) << "the next one has a new text";
    EXPECT_EQ(stat_of(".version").st_mode, static_cast<mode_t>(S_IFREG | 0440));
}

TEST_F(Virtual, CannotBeChanged) {
    const auto refused = [](int result, int error) {
        EXPECT_EQ(result, -1);
        EXPECT_EQ(errno, error);
    };
    ASSERT_EQ(put("f", ""), 0);
    refused(::unlink(path(".version").c_str()), EACCES);
    refused(::unlink(path("local").c_str()), EACCES);
    refused(::rename(path("f").c_str(), path(".version").c_str()), EACCES);
    refused(::rename(path(".version").c_str(), path("g").c_str()), EACCES);
    refused(::truncate(path(".version").c_str(), 0), EIO);
    EXPECT_EQ(put(".version", "x"), EIO);
    EXPECT_EQ(put(".version", ""), EIO) << "already when it is opened to be cut";
    const engine::FileDescriptor file(::open(path(".members").c_str(), O_WRONLY | O_CLOEXEC));
    refused(static_cast<int>(::write(file.get(), "x", 1)), EIO);
}

TEST_F(Virtual, DebugIsSwitched) {
    EXPECT_EQ(get(".debug"), "0\n");
    EXPECT_EQ(stat_of(".debug").st_mode, static_cast<mode_t>(S_IFREG | 0640));
    EXPECT_EQ(put(".debug", "1\n"), 0);
    EXPECT_TRUE(files.debug);
    EXPECT_EQ(get(".debug"), "1\n");
    EXPECT_EQ(put(".debug", "1"), EIO);
    EXPECT_EQ(put(".debug", "2\n"), EIO);
    const engine::FileDescriptor file(::open(path(".debug").c_str(), O_WRONLY | O_CLOEXEC));
    EXPECT_EQ(::pwrite(file.get(), "0\n", 2, 1), -1);
    EXPECT_EQ(::pwrite(file.get(), "0\nand more", 10, 0), 2);
    EXPECT_FALSE(files.debug);
}

}  // namespace
}  // namespace cfs::mount
