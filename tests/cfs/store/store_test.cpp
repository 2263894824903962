// The file of a pmxcfs is opened, and what is written is what one would have written.

#include "cfs/store/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "cfs/tree/adopt.hpp"
#include "tests/cfs/random_operations.hpp"
#include "tests/cfs/store/rows.hpp"
#include "tests/cfs/vectors.hpp"
#include "tests/support/temporary_directory.hpp"

namespace cfs::store {
namespace {

using cfs::test::RandomOperations;
using cfs::test::vector_database;
using testing::HasSubstr;
namespace fs = std::filesystem;

class CfsStore : public testing::Test {
protected:
    std::string file(const std::string& name = "config.db") const { return directory_.path() + '/' + name; }
    std::string copy_of_vectors() const {
        fs::copy_file(vector_database().file, file());
        fs::permissions(file(), fs::perms::owner_read | fs::perms::owner_write);
        return file();
    }
    totem::test::TemporaryDirectory directory_;
};

void same_tree(const Tree& a, const Tree& b) {
    EXPECT_EQ(a.index(), b.index());
    EXPECT_EQ(a.database_checksum(), b.database_checksum());
}

Stamp at(std::uint32_t time) {
    return {1, time, time};
}

TEST_F(CfsStore, OpensTheDatabaseOfARealOne) {
    const auto opened = test::open(copy_of_vectors());
    EXPECT_FALSE(opened.created);
    EXPECT_EQ(opened.tree.index().encode(), vector_database().state);
    EXPECT_EQ(opened.tree.database_checksum(), vector_database().verify);
    struct stat status {};
    ASSERT_EQ(::stat(file().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600u);
}

TEST_F(CfsStore, WritesTheSameRowsAsARealOne) {
    const auto vectors = cfs::test::vector_tree();
    {
        auto opened = test::open(file());
        Change change;
        for (const auto& [inode, entry] : vectors.entries().all()) {
            if (!entry.is_root()) change.put.push_back({entry, true});
        }
        change.version = vectors.version();
        change.writer = vectors.root().writer;
        change.mtime = vectors.root().mtime;
        change.root_changed = true;
        test::commit(*opened.store, std::move(change));
        EXPECT_FALSE(opened.store->close());
    }
    EXPECT_EQ(test::rows(file()), test::rows(vector_database().file));
    EXPECT_FALSE(fs::exists(file() + "-wal"));
    EXPECT_FALSE(fs::exists(file() + "-shm"));
}

TEST_F(CfsStore, MakesADatabaseWithVersionOne) {
    auto opened = test::open(file(), 1795363412);
    EXPECT_TRUE(opened.created);
    EXPECT_EQ(opened.tree.version(), 1u);
    EXPECT_EQ(opened.tree.root().mtime, 0u);
    opened.store->close();
    EXPECT_EQ(test::rows(file()), std::vector<std::string>{"0 0 1 0 1795363412 8 '__version__' NULL"});
    const auto again = test::open(file());
    EXPECT_FALSE(again.created);
    EXPECT_EQ(again.tree.root().mtime, 1795363412u);
}

TEST_F(CfsStore, MtimeAndRenameLeaveTheContentWhereItIs) {
    auto opened = test::open(copy_of_vectors());
    for (const Operation& operation : {Operation::set_mtime("user.cfg", 99), Operation::rename("user.cfg", "ha/moved"),
                                       Operation::set_mtime("nodes", 98)}) {
        Outcome outcome = opened.tree.apply(operation, at(7));
        ASSERT_EQ(outcome.result, 0);
        ASSERT_FALSE(outcome.change.put.at(0).content_changed);
        test::commit(*opened.store, std::move(outcome.change));
    }
    opened.store->close();
    same_tree(test::open(file()).tree, opened.tree);
}

TEST_F(CfsStore, ASyncLeavesTypeFourInTheVersionRow) {
    auto opened = test::open(file());
    const Tree leader = cfs::test::vector_tree();
    std::vector<Entry> received;
    for (const auto& [inode, entry] : leader.entries().all())
        received.push_back(entry);
    auto adopted = adopt(opened.tree, leader.index(), received, 5);
    ASSERT_TRUE(adopted);
    test::commit(*opened.store, std::move(adopted->change));
    opened.store->close();
    EXPECT_THAT(test::rows(file()).at(0), HasSubstr("47 0 1795363412 4 '__version__' NULL"));
    same_tree(test::open(file()).tree, leader);
}

TEST_F(CfsStore, IsTheTreeAfterRandomBatches) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        SCOPED_TRACE(seed);
        fs::remove(file());
        RandomOperations random(seed);
        for (int opening = 0; opening < 4; ++opening) {
            auto opened = test::open(file());
            std::uint64_t done = 0;
            for (int step = 0; step < 250; ++step) {
                // Without its checks a tree comes up that no pmxcfs starts with.
                const Precheck checked = opened.tree.precheck(random.operation());
                Change change;
                if (checked.verdict == Precheck::Verdict::send) {
                    change = opened.tree.apply(checked.operation, random.stamp()).change;
                }
                opened.store->submit(std::move(change), [&](const Failure* failure) { done += failure ? 0 : 1; });
                if (random.below(20) == 0) opened.store->drain();
            }
            opened.store->drain();
            EXPECT_EQ(done, 250u);
            EXPECT_EQ(opened.store->counters().changes, 250u);
            ASSERT_FALSE(opened.store->close());
            same_tree(opened.tree, test::open(file()).tree);
        }
    }
}

TEST_F(CfsStore, CompletesInOrderAndTogether) {
    auto opened = test::open(file());
    std::vector<int> order;
    Outcome created = Tree().apply(Operation::create("f"), at(1));
    for (int i = 0; i < 500; ++i) {
        opened.store->submit(created.change, [&order, i](const Failure*) { order.push_back(i); });
    }
    opened.store->drain();
    ASSERT_EQ(order.size(), 500u);
    EXPECT_TRUE(std::ranges::is_sorted(order));
    // That is what group commit is for.
    EXPECT_LT(opened.store->counters().commits, 400u);
    EXPECT_GT(opened.store->counters().log_bytes, 0u);
}

TEST_F(CfsStore, ARowThatShouldBeThereAndIsNotEndsTheStore) {
    auto opened = test::open(file());
    Entry entry;
    entry.inode = 0xabc;
    entry.name = "x";
    Change change;
    change.put.push_back({entry, false});
    std::vector<std::string> texts;
    const auto note = [&](const Failure* failure) { texts.push_back(failure ? failure->text : "done"); };
    opened.store->submit(change, note);
    opened.store->drain();
    opened.store->submit({}, note);
    opened.store->drain();
    const std::string text = "no such inode 0000000000000ABC";
    EXPECT_THAT(texts, testing::ElementsAre(text, text));
    ASSERT_TRUE(opened.store->failure());
    EXPECT_EQ(opened.store->close()->text, text);
    EXPECT_EQ(test::rows(file()).size(), 1u);
}

TEST_F(CfsStore, AClosedStoreTakesNothing) {
    auto opened = test::open(file());
    opened.store->close();
    std::string why;
    opened.store->submit({}, [&](const Failure* failure) { why = failure ? failure->text : "done"; });
    EXPECT_EQ(why, "the database is closed");
    opened.store->drain();
}

TEST_F(CfsStore, ABackupIsAWholeDatabase) {
    auto opened = test::open(copy_of_vectors());
    Outcome outcome = opened.tree.apply(Operation::create("new"), at(1));
    test::commit(*opened.store, std::move(outcome.change));
    ASSERT_FALSE(opened.store->backup(file("backup.db")));
    same_tree(test::open(file("backup.db")).tree, opened.tree);
    const auto again = opened.store->backup(file("backup.db"));
    ASSERT_TRUE(again);
    EXPECT_THAT(again->text, HasSubstr("File exists"));
}

TEST_F(CfsStore, AReaderBesideItIsNoTrouble) {
    auto opened = test::open(copy_of_vectors());
    const auto before = test::rows(file());
    Outcome outcome = opened.tree.apply(Operation::create("new"), at(1));
    test::commit(*opened.store, std::move(outcome.change));
    EXPECT_EQ(test::rows(file()).size(), before.size() + 1);
}

TEST_F(CfsStore, AWriteIntoALargeFileWritesItsOwnPagesOnly) {
    constexpr std::size_t kFile = 524288, kWrite = 131072;
    auto opened = test::open(file());
    test::commit(*opened.store, opened.tree.apply(Operation::create("f"), at(1)).change);
    const auto written_by = [&](const Operation& operation) {
        const std::uint64_t before = opened.store->counters().log_bytes;
        test::commit(*opened.store, opened.tree.apply(operation, at(2)).change);
        return opened.store->counters().log_bytes - before;
    };
    EXPECT_GE(written_by(Operation::write("f", std::vector<std::uint8_t>(kFile, 'x'))), kFile);
    const std::uint64_t part = written_by(Operation::write("f", std::vector<std::uint8_t>(kWrite, 'y'), 200000));
    EXPECT_GE(part, kWrite);
    EXPECT_LT(part, kWrite + 16384);
    opened.store->close();
    same_tree(test::open(file()).tree, opened.tree);
}

TEST_F(CfsStore, LongLogsGoIntoTheDatabase) {
    auto opened = test::open(file());
    test::commit(*opened.store, opened.tree.apply(Operation::create("f"), at(1)).change);
    const std::vector<std::uint8_t> data(400000, 'x');
    for (int i = 0; i < 24; ++i) {
        auto bytes = data;
        bytes.at(0) = static_cast<std::uint8_t>(i);
        for (auto& byte : bytes)
            byte = static_cast<std::uint8_t>(byte + i);
        test::commit(*opened.store, opened.tree.apply(Operation::write("f", bytes), at(2)).change);
    }
    const Counters counters = opened.store->counters();
    EXPECT_GT(counters.log_bytes, 24u * 400000);
    EXPECT_GE(counters.checkpoints, 1u);
    EXPECT_LT(fs::file_size(file() + "-wal"), 8u * 1024 * 1024);
    opened.store->close();
    same_tree(test::open(file()).tree, opened.tree);
}

}  // namespace
}  // namespace cfs::store
