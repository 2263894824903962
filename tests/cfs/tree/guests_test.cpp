// Guest configurations: what is one, and that an id is there once (pmxcfs.md section 6).

#include <gtest/gtest.h>

#include <cerrno>

#include "cfs/tree/tree.hpp"

namespace cfs {
namespace {

TEST(CfsGuestPath, OnlyTheExactFormIsOne) {
    const auto path = guest_path("nodes/pve-1/openvz/4294967295.conf");
    ASSERT_TRUE(path);
    EXPECT_EQ(path->id, 4294967295u);
    EXPECT_EQ(path->kind, GuestKind::openvz);
    EXPECT_EQ(path->node, "pve-1");
    EXPECT_EQ(guest_path("nodes/1/qemu-server/1.conf")->kind, GuestKind::qemu);
    EXPECT_EQ(guest_path("nodes/A/lxc/100.conf")->kind, GuestKind::lxc);
    for (const char* other :
         {"nodes/a/lxc/0100.conf", "nodes/a/lxc/100.conf.tmp", "nodes/a/lxc/4294967296.conf", "nodes/a/lxc/.conf",
          "nodes/a/lxc/1x.conf", "nodes/a/lxc/100.con", "nodes/-a/lxc/100.conf", "nodes/a-/lxc/100.conf",
          "nodes//lxc/100.conf", "nodes/a.b/lxc/100.conf", "nodes/a/kvm/100.conf", "nodes/a/lxc/x/100.conf",
          "a/lxc/100.conf", "/nodes/a/lxc/100.conf", "nodes/a/lxc//100.conf", "nodes/a/lxc/100.conf/", ""}) {
        EXPECT_FALSE(guest_path(other)) << other;
    }
}

class CfsGuests : public testing::Test {
protected:
    CfsGuests() {
        for (const char* path : {"nodes", "nodes/A", "nodes/B", "nodes/A/qemu-server", "nodes/A/lxc",
                                 "nodes/B/qemu-server", "nodes/B/lxc"}) {
            EXPECT_EQ(apply(Operation::make_directory(path)), 0);
        }
        EXPECT_EQ(apply(Operation::create("tmp")), 0);
        EXPECT_EQ(apply(Operation::create(kA)), 0);
    }
    std::int64_t apply(const Operation& operation) { return tree.apply(operation, {1, 2, 3}).result; }
    std::string where(std::uint32_t id) const {
        const auto found = tree.guests().all().find(id);
        if (found == tree.guests().all().end()) return "";
        return found->second.node + '/' + std::string(text(found->second.kind));
    }

    static constexpr const char* kA = "nodes/A/qemu-server/100.conf";
    Tree tree;
};

TEST_F(CfsGuests, AnotherGuestWithTheIdIsRefused) {
    for (const char* other : {"nodes/B/qemu-server/100.conf", "nodes/A/lxc/100.conf"}) {
        EXPECT_EQ(apply(Operation::create(other)), -EEXIST);
        EXPECT_EQ(apply(Operation::write(other, {1})), -EEXIST);
        EXPECT_EQ(apply(Operation::rename("tmp", other)), -EEXIST);
    }
    EXPECT_EQ(apply(Operation::write(kA, {1})), 1);
    EXPECT_EQ(apply(Operation::rename("tmp", kA)), 0);
    EXPECT_EQ(where(100), "A/qemu");
}

TEST_F(CfsGuests, TheRuleComesAfterTheNameAndBeforeTheEntry) {
    EXPECT_EQ(apply(Operation::create("nodes/C/lxc/100.conf")), -ENOENT);
    EXPECT_EQ(apply(Operation::make_directory("nodes/B/lxc/100.conf")), 0);  // no check
    EXPECT_EQ(apply(Operation::create("nodes/B/lxc/100.conf")), -EEXIST);    // not ENOTDIR
}

TEST_F(CfsGuests, AGuestMoves) {
    EXPECT_EQ(apply(Operation::rename(kA, "nodes/B/qemu-server/100.conf")), 0);
    EXPECT_EQ(where(100), "B/qemu");
    EXPECT_EQ(apply(Operation::rename("nodes/B/qemu-server/100.conf", "nodes/B/lxc/100.conf")), 0);
    EXPECT_EQ(where(100), "B/lxc");
}

TEST_F(CfsGuests, AGuestTakesAnIdThatIsFreeOrOfItsOwnPlace) {
    EXPECT_EQ(apply(Operation::create("nodes/A/qemu-server/101.conf")), 0);
    EXPECT_EQ(apply(Operation::create("nodes/B/lxc/102.conf")), 0);
    EXPECT_EQ(apply(Operation::rename(kA, "nodes/A/qemu-server/102.conf")), -EEXIST);
    EXPECT_EQ(apply(Operation::rename(kA, "nodes/A/qemu-server/101.conf")), 0);
    EXPECT_EQ(where(100), "");
    EXPECT_EQ(where(101), "A/qemu");
    EXPECT_EQ(apply(Operation::rename("nodes/A/qemu-server/101.conf", "nodes/B/lxc/103.conf")), 0);
    EXPECT_EQ(where(103), "B/lxc");
}

TEST_F(CfsGuests, VersionsCountRegistrations) {
    EXPECT_EQ(tree.guests().version(), 1u);
    EXPECT_EQ(tree.guests().all().at(100).version, 1u);
    apply(Operation::write(kA, {1}));
    EXPECT_EQ(tree.guests().version(), 2u);
    EXPECT_EQ(tree.guests().all().at(100).version, 2u);
    apply(Operation::set_mtime(kA, 5));
    apply(Operation::write("tmp", {1}));
    EXPECT_EQ(tree.guests().version(), 2u);
    apply(Operation::rename(kA, "nodes/B/lxc/100.conf"));
    EXPECT_EQ(tree.guests().version(), 4u);
    EXPECT_EQ(tree.guests().all().at(100).version, 3u);
    apply(Operation::remove("nodes/B/lxc/100.conf"));
    EXPECT_EQ(tree.guests().version(), 5u);
    EXPECT_EQ(where(100), "");
}

TEST_F(CfsGuests, RemovingADirectoryNamedSoFreesTheId) {
    EXPECT_EQ(apply(Operation::make_directory("nodes/B/lxc/100.conf")), 0);
    EXPECT_EQ(where(100), "A/qemu");
    EXPECT_EQ(apply(Operation::remove("nodes/B/lxc/100.conf")), 0);
    EXPECT_EQ(where(100), "");
}

TEST_F(CfsGuests, AListMadeAnewHasFilesOfValidNodesOnly) {
    for (const char* path : {"nodes/-bad", "nodes/-bad/lxc", "nodes/B/lxc/200.conf"}) {
        apply(Operation::make_directory(path));
    }
    apply(Operation::create("nodes/-bad/lxc/300.conf"));
    apply(Operation::create("nodes/B/openvz"));
    const auto again = tree.replaced_by(tree.entries(), 0);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->guests().all().size(), 1u);
    EXPECT_EQ(again->guests().version(), tree.guests().version() + 1);
    // Without nodes it stays as it is.
    const auto none = tree.replaced_by(Tree().entries(), 0);
    ASSERT_TRUE(none);
    EXPECT_EQ(none->guests().all().size(), 1u);
    EXPECT_EQ(none->guests().version(), tree.guests().version());
}

TEST_F(CfsGuests, AListMadeAnewFailsForTwoWithOneId) {
    apply(Operation::make_directory("nodes/B/lxc/100.conf"));
    apply(Operation::remove("nodes/B/lxc/100.conf"));
    EXPECT_EQ(apply(Operation::create("nodes/B/lxc/100.conf")), 0);
    const auto again = tree.replaced_by(tree.entries(), 0);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.text(), "detected duplicate VMID 100");
}

}  // namespace
}  // namespace cfs
