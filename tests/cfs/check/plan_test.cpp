// Whatever the rows are, what the plan leaves of them loads.

#include "cfs/check/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/cfs/vectors.hpp"

namespace cfs::check {
namespace {

using testing::HasSubstr;

Rows good_rows() {
    Rows rows;
    for (const auto& item : cfs::test::vector_database().rows)
        rows[item.row.inode] = item.row;
    return rows;
}

std::string load_failure(const Rows& rows) {
    Loader loader{Settings{}};
    for (const auto& [inode, row] : rows) {
        if (const auto failure = loader.add(row)) return failure->text;
    }
    const auto loaded = loader.finish(1);
    return loaded ? "" : loaded.text();
}

TEST(CfsCheckPlan, GoodRowsNeedNothing) {
    const Plan plan = examine(good_rows());
    EXPECT_TRUE(plan.nothing());
    EXPECT_TRUE(plan.findings.empty());
    EXPECT_TRUE(examine({}).nothing());
}

TEST(CfsCheckPlan, OfTwoWithOneNameTheNewerStays) {
    Rows rows = good_rows();
    rows[15].name = "user.cfg";  // storage.cfg, version 16; user.cfg has 14
    Plan plan = examine(rows);
    EXPECT_THAT(plan.remove, testing::ElementsAre(13));
    EXPECT_TRUE(plan.put.empty());
    rows[15].version = 13;
    plan = examine(rows);
    EXPECT_THAT(plan.remove, testing::ElementsAre(15));
    EXPECT_THAT(plan.findings.at(0).text, HasSubstr("found entry with duplicate name (inode = 000000000000000F"));
}

TEST(CfsCheckPlan, WhatHangsNowhereGoesWithAllBelow) {
    Rows rows = good_rows();
    rows.erase(10);  // nodes/node9
    const Plan plan = examine(rows);
    EXPECT_THAT(plan.remove, testing::ElementsAre(11, 21, 25));
    EXPECT_EQ(load_failure(carried_out(rows, plan)), "");
}

TEST(CfsCheckPlan, TheRootGetsNoVersionThatNeverWas) {
    Rows rows = good_rows();
    rows.erase(0);
    Plan plan = examine(rows);
    ASSERT_EQ(plan.put.size(), 1u);
    EXPECT_EQ(plan.put.at(0).version, 47u);
    rows = good_rows();
    rows[0].name = "x";
    plan = examine(rows);
    ASSERT_EQ(plan.put.size(), 1u);
    EXPECT_EQ(plan.put.at(0).version, 47u);
    EXPECT_EQ(load_failure(carried_out(rows, plan)), "");
}

TEST(CfsCheckPlan, AGuestIsKeptOnce) {
    Rows rows = good_rows();
    rows[21].name = "100.conf";  // on node9, version 22; the one on node4 has 20
    const Plan plan = examine(rows);
    EXPECT_THAT(plan.remove, testing::ElementsAre(19));
    EXPECT_EQ(load_failure(carried_out(rows, plan)), "");
}

TEST(CfsCheckPlan, AnyRowsLoadAfterIt) {
    std::mt19937_64 random(1);
    const auto any_inode = [&random] { return random() % 49; };
    int broken = 0;
    for (int round = 0; round < 3000; ++round) {
        SCOPED_TRACE(round);
        Rows rows = good_rows();
        for (std::uint64_t changes = 1 + random() % 6; changes > 0; --changes) {
            auto at = rows.lower_bound(any_inode());
            if (at == rows.end()) at = rows.begin();
            RawRow& row = at->second;
            switch (random() % 8) {
                case 0:
                    rows.erase(at);
                    break;
                case 1:
                    row.parent = any_inode();
                    break;
                case 2:
                    row.type = random() % 4 ? 4 : random();
                    break;
                case 3:
                    row.type = 8;
                    break;
                case 4:
                    row.name = rows.begin()->second.name;
                    break;
                case 5:
                    row.name = random() % 2 ? "user.cfg" : "";
                    break;
                case 6:
                    row.version = random() % 60;
                    break;
                case 7:
                    row.name = random() % 2 ? "100.conf" : "a/b";
                    break;
                default:
                    break;
            }
            if (rows.empty()) break;
        }
        broken += load_failure(rows).empty() ? 0 : 1;
        const Plan plan = examine(rows);
        const Rows left = carried_out(rows, plan);
        ASSERT_EQ(load_failure(left), "");
        EXPECT_TRUE(examine(left).nothing());
        // What loads is left alone, but for versions that can not be.
        if (load_failure(rows).empty()) {
            EXPECT_TRUE(plan.remove.empty());
        }
    }
    EXPECT_GT(broken, 1000);
}

}  // namespace
}  // namespace cfs::check
