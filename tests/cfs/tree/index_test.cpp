// Indexes: encoded, decoded, compared (pmxcfs-wire.md 5.5, 5.6); the worked example of its section 8.6.

#include "cfs/tree/index.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cfs/tree/tree.hpp"
#include "tests/support/hex.hpp"

namespace cfs {
namespace {

using totem::test::from_hex;
using totem::test::to_hex;

constexpr const char* kExample =
    "0300000000000000 0200000000000000 00000000 760e036b 02000000 70000000"
    "0000000000000000 8860eaa03cd5f8f645d7e2188f0fcb4e58a045d36fe169255c64cf1f1f3a8914"
    "0200000000000000 e1055ca78fc144bc9a6ae3aa91c9532ec24f70e848ec5cdc6af24814e184c23f";

TEST(CfsIndex, IsWhatARealMemberSent) {
    const auto bytes = from_hex(kExample);
    const auto index = Index::decode(bytes);
    ASSERT_TRUE(index);
    EXPECT_EQ(index->version, 3u);
    EXPECT_EQ(index->last_inode, 2u);
    EXPECT_EQ(index->mtime, 0x6b030e76u);
    ASSERT_EQ(index->items.size(), 2u);
    EXPECT_EQ(to_hex(index->encode()), to_hex(bytes));
    Entry root;
    root.version = 3;
    root.mtime = 0x6b030e76;
    EXPECT_EQ(index_digest(root), index->items.at(0).digest);
}

TEST(CfsIndex, DigestsOfTheExamples) {
    Entry nodes;
    nodes.inode = 4;
    nodes.version = 4;
    nodes.writer = 1;
    nodes.mtime = 0x6b030e56;
    nodes.name = "nodes";
    EXPECT_EQ(to_hex(index_digest(nodes)), "edf9613da2513caa5308beb6034a115383c1b9ce6e183981b1a26bbcb74c40c0");
    Entry root;
    root.version = 16;
    root.writer = 1;
    root.mtime = 1500000000;
    EXPECT_EQ(to_hex(index_digest(root)), "442083a8a9e9be9b8c6a91d6d7c13ea7fd0755ee3f410ca057817c70416e919e");
}

TEST(CfsIndex, WhatIsNoIndexIsRefusedInUpstreamsWords) {
    const auto good = from_hex(kExample);
    const auto refusal = [](const std::vector<std::uint8_t>& bytes) {
        const auto index = Index::decode(bytes);
        return index ? std::string() : index.text();
    };
    const char* short_text = "received short memdb index (len < sizeof(memdb_index_t))";
    const char* length_text = "received mailformed memdb index (len != idx->bytes)";
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_EQ(refusal({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)}),
                  size < 32 ? short_text : length_text);
    }
    auto bad = good;
    bad.at(24) = 1;  // fewer entries than bytes
    EXPECT_EQ(refusal(bad), length_text);
    bad = good;
    bad.at(24 + 3) = 0xff;
    EXPECT_EQ(refusal(bad), length_text);
    bad = good;
    bad.at(32) = 2;  // the same inode twice
    EXPECT_EQ(refusal(bad), "received mailformed memdb index (inodes are not ascending)");
    bad = good;
    bad.push_back(0);
    EXPECT_EQ(refusal(bad), length_text);
}

TEST(CfsIndex, HigherVersionThenLaterMtimeLeads) {
    Index a;
    Index b;
    EXPECT_FALSE(outranks(a, b));
    a.mtime = 5;
    EXPECT_TRUE(outranks(a, b));
    b.version = 1;
    EXPECT_FALSE(outranks(a, b));
    EXPECT_TRUE(outranks(b, a));
}

TEST(CfsIndex, ComparesByInode) {
    const auto index = [](std::initializer_list<std::pair<Inode, std::uint8_t>> items) {
        Index out;
        for (const auto& [inode, digest] : items)
            out.items.push_back({inode, Digest{digest}});
        return out;
    };
    using testing::ElementsAre;
    const Index leader = index({{0, 1}, {2, 1}, {5, 1}, {9, 1}});
    EXPECT_THAT(missing_or_different(leader, leader), ElementsAre());
    EXPECT_THAT(missing_or_different(leader, {}), ElementsAre(0, 2, 5, 9));
    EXPECT_THAT(missing_or_different(leader, index({{0, 2}, {1, 1}, {3, 1}, {5, 1}})), ElementsAre(0, 2, 9));
    EXPECT_THAT(missing_or_different(leader, index({{0, 1}, {2, 1}, {5, 1}, {9, 1}, {12, 1}})), ElementsAre());
}

}  // namespace
}  // namespace cfs
