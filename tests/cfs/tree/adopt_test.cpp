// Becoming what the leader is: the right rows change, and nothing does when the leader's index is not met.

#include "cfs/tree/adopt.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/cfs/random_operations.hpp"
#include "tests/cfs/vectors.hpp"

namespace cfs {
namespace {

using test::RandomOperations;

void run(Tree& tree, RandomOperations& random, int steps) {
    for (int i = 0; i < steps; ++i) {
        const Precheck checked = tree.precheck(random.operation());
        if (checked.verdict == Precheck::Verdict::send) tree.apply(checked.operation, random.stamp());
    }
}

// What the leader sends to a member with this index.
std::vector<Entry> updates(const Tree& leader, const Index& member) {
    std::vector<Entry> out;
    for (const Inode inode : missing_or_different(leader.index(), member))
        out.push_back(*leader.entries().find(inode));
    return out;
}

// Rows as a database has them.
using Stored = std::map<Inode, Entry>;
void store(Stored& rows, const Change& change) {
    for (const Inode inode : change.remove)
        rows.erase(inode);
    for (const Row& row : change.put) {
        const Content kept = row.content_changed ? row.entry.content : rows.at(row.entry.inode).content;
        rows[row.entry.inode] = row.entry;
        rows[row.entry.inode].content = kept;
    }
}

TEST(CfsAdopt, FromAnywhereToTheLeader) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        SCOPED_TRACE(seed);
        RandomOperations common(seed);
        Tree own;
        run(own, common, 60);
        Tree leader = own;
        RandomOperations leaders_way(seed + 1000);
        RandomOperations own_way(seed + 2000);
        run(leader, leaders_way, static_cast<int>(seed) * 4);
        run(own, own_way, static_cast<int>(seed));
        const auto adopted = adopt(own, leader.index(), updates(leader, own.index()), 1);
        ASSERT_TRUE(adopted) << adopted.text();
        EXPECT_EQ(adopted->tree.index(), leader.index());
        EXPECT_EQ(adopted->tree.database_checksum(), leader.database_checksum());
        EXPECT_TRUE(std::ranges::equal(adopted->tree.guests().all(), leader.guests().all(),
                                       [](const auto& a, const auto& b) { return a.first == b.first; }));
        // The change turns the rows of the one into those of the other.
        Stored rows = own.entries().all();
        store(rows, adopted->change);
        rows[kRootInode] = leader.root();
        EXPECT_EQ(rows, leader.entries().all());
        EXPECT_TRUE(adopted->change.from_sync);
        EXPECT_EQ(adopted->change.version, leader.version());
    }
}

TEST(CfsAdopt, OnlyWhatDiffersIsWritten) {
    Tree own = test::vector_tree();
    Tree leader = own;
    leader.apply(Operation::set_mtime("nodes", 5), {1, 2, 3});
    leader.apply(Operation::remove("empty.txt"), {1, 2, 3});
    // All of it is received, as members that lack nothing receive what others lack.
    const auto adopted = adopt(own, leader.index(), updates(leader, {}), 1);
    ASSERT_TRUE(adopted);
    EXPECT_THAT(adopted->change.remove, testing::ElementsAre(29));
    ASSERT_EQ(adopted->change.put.size(), 1u);
    EXPECT_EQ(adopted->change.put.at(0).entry.inode, 4u);
    EXPECT_FALSE(adopted->change.put.at(0).content_changed);
}

TEST(CfsAdopt, CountsAllTrackedFilesAndGoesOnWithTheGuests) {
    Tree own = test::vector_tree();
    const auto adopted = adopt(own, own.index(), {}, 1);
    ASSERT_TRUE(adopted);
    EXPECT_TRUE(adopted->change.put.empty());
    EXPECT_EQ(adopted->tree.tracked().all().front().changes, 2u);
    EXPECT_EQ(adopted->tree.guests().version(), own.guests().version() + 1);
}

TEST(CfsAdopt, AnythingButTheLeadersIndexIsRefused) {
    const Tree own;
    const Tree leader = test::vector_tree();
    const auto all = updates(leader, own.index());
    const auto refusal = [&](const std::vector<Entry>& received) {
        const auto adopted = adopt(own, leader.index(), received, 1);
        return adopted ? std::string() : adopted.text();
    };
    const char* mismatch = "new index does not match master index - internal error";
    EXPECT_EQ(refusal(all), "");
    auto bad = all;
    bad.pop_back();
    EXPECT_EQ(refusal(bad), mismatch);
    bad = all;
    bad.at(5).mtime += 1;
    EXPECT_EQ(refusal(bad), mismatch);
    bad = all;
    Entry more = bad.back();
    more.inode = 45;
    more.name = "more";
    bad.push_back(more);
    EXPECT_EQ(refusal(bad), mismatch);
    bad = all;
    std::erase_if(bad, [](const Entry& entry) { return entry.name == "priv" && entry.parent == 0; });
    EXPECT_EQ(refusal(bad), "missing directory inode (inode = 0000000000000002)");
    bad = all;
    for (Entry& entry : bad) {
        if (entry.name == "200.conf") entry.name = "100.conf";
    }
    EXPECT_EQ(refusal(bad), "detected duplicate VMID 100");
}

}  // namespace
}  // namespace cfs
