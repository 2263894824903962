// What is not sent, and what is sent in place of it.

#include <gtest/gtest.h>

#include <cerrno>

#include "cfs/tree/tree.hpp"

namespace cfs {
namespace {

class CfsPrecheck : public testing::Test {
protected:
    CfsPrecheck() : tree(small()) {
        for (const char* path : {"full", "empty", "nodes", "nodes/n1", "nodes/n1/lxc"}) {
            tree.apply(Operation::make_directory(path), {});
        }
        for (const char* path : {"full/x", "file"})
            tree.apply(Operation::create(path), {});
    }
    static Settings small() {
        Settings settings;
        settings.limits.file_size = 1000;
        settings.limits.total_size = 1500;
        settings.limits.inodes = 10;
        return settings;
    }
    // 0 for send, 1 for done, else the errno.
    int answer(const Operation& operation) const {
        const Precheck checked = tree.precheck(operation);
        if (checked.verdict == Precheck::Verdict::done) return 1;
        if (checked.verdict == Precheck::Verdict::refuse) return -checked.error;
        EXPECT_EQ(checked.operation, operation);
        return 0;
    }
    Tree tree;
};

TEST_F(CfsPrecheck, Limits) {
    EXPECT_EQ(answer(Operation::write("file", std::vector<std::uint8_t>(1000))), 0);
    EXPECT_EQ(answer(Operation::write("file", std::vector<std::uint8_t>(1001))), EFBIG);
    EXPECT_EQ(answer(Operation::write("file", {1}, 1000)), EFBIG);
    EXPECT_EQ(answer(Operation::write("file", {1}, (std::uint64_t{1} << 32) + 5)), EFBIG);
    EXPECT_EQ(answer(Operation::write("nowhere", {1}, 1000)), EFBIG);
    EXPECT_EQ(answer(Operation::write("nowhere", {1})), 0);
    EXPECT_EQ(tree.apply(Operation::write("full/x", std::vector<std::uint8_t>(1000)), {}).result, 1000);
    EXPECT_EQ(answer(Operation::write("file", std::vector<std::uint8_t>(500))), 0);
    EXPECT_EQ(answer(Operation::write("file", std::vector<std::uint8_t>(501))), ENOSPC);
    EXPECT_EQ(answer(Operation::write("full/x", std::vector<std::uint8_t>(1000))), 0);
    EXPECT_EQ(answer(Operation::create("new")), 0);
    EXPECT_EQ(tree.apply(Operation::create("new"), {}).result, 0);
    EXPECT_EQ(tree.apply(Operation::create("newer"), {}).result, 0);
    EXPECT_EQ(answer(Operation::create("newest")), ENOSPC);
    EXPECT_EQ(answer(Operation::make_directory("newest")), ENOSPC);
    // Delivery takes what the others took.
    EXPECT_EQ(tree.apply(Operation::create("newest"), {}).result, 0);
}

TEST_F(CfsPrecheck, GrowingAnEmptyFileIsAWriteOfZeros) {
    const Precheck checked = tree.precheck(Operation::truncated("file", 7));
    ASSERT_EQ(checked.verdict, Precheck::Verdict::send);
    EXPECT_EQ(checked.operation, Operation::write("file", std::vector<std::uint8_t>(7)));
    EXPECT_EQ(answer(Operation::truncated("file", 0)), 0);
    EXPECT_EQ(answer(Operation::truncated("file", 1001)), EFBIG);
}

TEST_F(CfsPrecheck, Renames) {
    EXPECT_EQ(answer(Operation::rename("full", "empty")), ENOTEMPTY);
    EXPECT_EQ(answer(Operation::rename("full", "file")), ENOTEMPTY);
    EXPECT_EQ(answer(Operation::rename("full", "new")), 0);  // delivery says ENOTEMPTY, and nothing is lost
    EXPECT_EQ(answer(Operation::rename("empty", "new")), 0);
    EXPECT_EQ(answer(Operation::rename("file", "file")), 1);
    EXPECT_EQ(answer(Operation::rename("full", "full/")), 1);
    EXPECT_EQ(answer(Operation::rename("empty", "empty/new")), EINVAL);
    EXPECT_EQ(answer(Operation::rename("nowhere", "nowhere")), 0);
}

TEST_F(CfsPrecheck, NamesThatHarmTheGuestList) {
    EXPECT_EQ(answer(Operation::make_directory("nodes/n1/lxc/100.conf")), EACCES);
    EXPECT_EQ(answer(Operation::rename("empty", "nodes/n1/lxc/100.conf")), EACCES);
    EXPECT_EQ(answer(Operation::rename("file", "nodes/n1/lxc/100.conf")), 0);
    EXPECT_EQ(answer(Operation::create("nodes/n1/openvz")), EACCES);
    EXPECT_EQ(answer(Operation::rename("file", "nodes/n1/qemu-server")), EACCES);
    EXPECT_EQ(answer(Operation::make_directory("nodes/n1/qemu-server")), 0);
    EXPECT_EQ(answer(Operation::create("nodes/n1/lxc.conf")), 0);
}

TEST_F(CfsPrecheck, PathsThatNoMessageCanCarry) {
    EXPECT_EQ(answer(Operation::create(std::string("a\0b", 3))), EINVAL);
    EXPECT_EQ(answer(Operation::rename("file", std::string("a\0b", 3))), EINVAL);
}

}  // namespace
}  // namespace cfs
