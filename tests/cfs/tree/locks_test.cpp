// Cluster locks (pmxcfs.md section 7).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "cfs/tree/tree.hpp"

namespace cfs {
namespace {

class CfsLocks : public testing::Test {
protected:
    CfsLocks() {
        apply(Operation::make_directory("priv"), 1, 0);
        apply(Operation::make_directory("priv/lock"), 1, 0);
        apply(Operation::make_directory(kLock), 1, 1000);
    }
    std::int64_t apply(const Operation& operation, std::uint32_t writer, std::uint32_t now) {
        return tree.apply(operation, {writer, now, now}).result;
    }
    bool expired(std::uint64_t now) { return tree.lock_expired(kLock, *tree.lock_checksum(kLock), now, events); }

    static constexpr const char* kLock = "priv/lock/file-user_cfg";
    Tree tree;
    Events events;
};

TEST_F(CfsLocks, ExpireAfterMoreThanTwoMinutes) {
    EXPECT_FALSE(expired(1000));
    EXPECT_FALSE(expired(1120));
    EXPECT_TRUE(expired(1121));
    EXPECT_FALSE(expired(999));  // the clock went back
    EXPECT_TRUE(events.empty());
}

TEST_F(CfsLocks, AnotherChecksumStartsAnew) {
    EXPECT_FALSE(tree.lock_expired(kLock, Digest{}, 2000, events));  // not this lock: ignored
    EXPECT_TRUE(events.empty());
    LockTable table;
    EXPECT_FALSE(table.expired("priv/lock/x", Digest{1}, 100, events));
    EXPECT_FALSE(table.expired("priv/lock/x", Digest{2}, 300, events));
    EXPECT_THAT(events, testing::ElementsAre(Event{Severity::critical, "wrong lock csum - reset timeout"}));
    EXPECT_FALSE(table.expired("priv/lock/x", Digest{2}, 420, events));
    EXPECT_TRUE(table.expired("priv/lock/x", Digest{2}, 421, events));
}

TEST_F(CfsLocks, OnlyItsMakerProlongsAndNobodyMakesItOlder) {
    EXPECT_EQ(apply(Operation::set_mtime(kLock, 999), 1, 1050), -EACCES);
    EXPECT_EQ(apply(Operation::set_mtime(kLock, 0), 2, 1050), -EACCES);
    EXPECT_EQ(apply(Operation::set_mtime(kLock, 2000), 2, 1050), -EACCES);
    EXPECT_EQ(apply(Operation::set_mtime(kLock, 1050), 1, 1050), 0);
    EXPECT_FALSE(expired(1170));
    EXPECT_TRUE(expired(1171));
    // Deeper, and files, are like everything else.
    apply(Operation::make_directory("priv/lock/file-user_cfg/deep"), 1, 1050);
    apply(Operation::create("priv/lock/file"), 1, 1050);
    EXPECT_EQ(apply(Operation::set_mtime("priv/lock/file-user_cfg/deep", 0), 2, 1060), 0);
    EXPECT_EQ(apply(Operation::set_mtime("priv/lock/file", 0), 2, 1060), 0);
}

TEST_F(CfsLocks, UnlockRemovesWhatItMeansAndNothingElse) {
    const Digest checksum = *tree.lock_checksum(kLock);
    EXPECT_EQ(apply(Operation::unlock(kLock, Digest{}), 2, 1500), -ENOENT);
    EXPECT_EQ(apply(Operation::unlock("priv/lock", checksum), 2, 1500), -ENOENT);
    EXPECT_EQ(apply(Operation::unlock("priv/lock/nowhere", checksum), 2, 1500), -ENOENT);
    EXPECT_TRUE(tree.find(kLock));
    EXPECT_EQ(apply(Operation::unlock(kLock, checksum), 2, 1500), 0);
    EXPECT_FALSE(tree.find(kLock));
    EXPECT_EQ(tree.root().writer, 2u);
    EXPECT_EQ(tree.root().mtime, 1500u);
    EXPECT_TRUE(tree.locks().all().empty());
}

TEST_F(CfsLocks, ARemovedAndMadeOneIsNew) {
    EXPECT_EQ(apply(Operation::remove(kLock), 1, 1100), 0);
    EXPECT_TRUE(tree.locks().all().empty());
    EXPECT_EQ(apply(Operation::make_directory(kLock), 2, 1100), 0);
    EXPECT_FALSE(expired(1220));
    EXPECT_TRUE(expired(1221));
}

TEST_F(CfsLocks, KeepTheirAgeWhenTheTreeIsReplaced) {
    const auto again = tree.replaced_by(tree.entries(), 1100);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->locks().all().at(kLock).seen, 1000u);
    const auto loaded = Tree::of({}, tree.entries(), 1100);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->locks().all().at(kLock).seen, 1100u);
}

TEST_F(CfsLocks, InLocalModeARequestForAnExpiredOneRemovesIt) {
    const Operation request = Operation::set_mtime(kLock, 0);
    EXPECT_EQ(tree.localized(request, 1100, events), request);
    EXPECT_EQ(tree.localized(request, 1121, events), Operation::remove(kLock));
    EXPECT_EQ(tree.localized(Operation::set_mtime(kLock, 1), 1121, events), Operation::set_mtime(kLock, 1));
    const Operation other = Operation::set_mtime("priv", 0);
    EXPECT_EQ(tree.localized(other, 1121, events), other);
}

}  // namespace
}  // namespace cfs
