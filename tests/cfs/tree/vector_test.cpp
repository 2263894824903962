// Digests, checksums and indexes against those of a real pmxcfs.

#include <gtest/gtest.h>

#include "cfs/tree/adopt.hpp"
#include "tests/cfs/vectors.hpp"
#include "tests/support/hex.hpp"

namespace cfs {
namespace {

using test::vector_database;
using test::vector_tree;
using totem::test::to_hex;

TEST(CfsVectors, EveryEntryHasTheDigestsOfTheRealOne) {
    const Tree tree = vector_tree();
    ASSERT_EQ(tree.entries().all().size(), vector_database().rows.size());
    for (const auto& item : vector_database().rows) {
        SCOPED_TRACE(item.row.name);
        const Entry* entry = tree.entries().find(item.row.inode);
        ASSERT_TRUE(entry);
        EXPECT_EQ(to_hex(index_digest(*entry)), to_hex(item.index_digest));
        EXPECT_EQ(to_hex(entry_checksum(*entry)), to_hex(item.checksum));
    }
}

TEST(CfsVectors, IndexAndChecksumAreThoseOfItsMessages) {
    const Tree tree = vector_tree();
    EXPECT_EQ(to_hex(tree.index().encode()), to_hex(vector_database().state));
    EXPECT_EQ(to_hex(tree.database_checksum()), to_hex(vector_database().verify));
    const auto decoded = Index::decode(vector_database().state);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, tree.index());
}

TEST(CfsVectors, GuestsLocksAndCountersComeFromTheEntries) {
    const Tree tree = vector_tree({}, 4711);
    ASSERT_EQ(tree.guests().all().size(), 4u);
    EXPECT_EQ(tree.guests().all().at(100).node, "node4");
    EXPECT_EQ(tree.guests().all().at(101).kind, GuestKind::lxc);
    EXPECT_EQ(tree.guests().all().at(102).node, "node9");
    EXPECT_EQ(tree.guests().all().at(200).node, "node9");
    EXPECT_EQ(tree.guests().version(), 1u);
    ASSERT_EQ(tree.locks().all().size(), 1u);
    EXPECT_EQ(tree.locks().all().at("priv/lock/file-user_cfg").seen, 4711u);
    for (const auto& file : tree.tracked().all())
        EXPECT_EQ(file.changes, 1u) << file.path;
}

}  // namespace
}  // namespace cfs
