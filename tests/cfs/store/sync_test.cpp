// Nothing is acknowledged before the disk has it.

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "tests/cfs/random_operations.hpp"
#include "tests/cfs/store/rows.hpp"
#include "tests/cfs/store/syncs.hpp"
#include "tests/support/temporary_directory.hpp"

namespace cfs::store {
namespace {

using test::syncs;

TEST(CfsSync, EveryCommitIsSyncedOnceAndThenAcknowledged) {
    const totem::test::TemporaryDirectory directory;
    auto opened = test::open(directory.path() + "/config.db");
    test::commit(*opened.store, opened.tree.apply(Operation::create("file"), {}).change);
    for (std::uint8_t i = 0; i < 20; ++i) {
        const int before = syncs();
        int at_completion = 0;
        opened.store->submit(opened.tree.apply(Operation::write("file", {i}), {}).change,
                             [&at_completion](const Failure*) { at_completion = syncs(); });
        opened.store->drain();
        EXPECT_EQ(at_completion, before + 1);
        EXPECT_EQ(syncs(), before + 1);
    }
}

TEST(CfsSync, AGroupIsSyncedTogether) {
    const totem::test::TemporaryDirectory directory;
    auto opened = test::open(directory.path() + "/config.db");
    test::commit(*opened.store, opened.tree.apply(Operation::create("file"), {}).change);
    const int before = syncs();
    const std::uint64_t commits = opened.store->counters().commits;
    for (int i = 0; i < 300; ++i) {
        const std::vector<std::uint8_t> data{static_cast<std::uint8_t>(i)};
        opened.store->submit(opened.tree.apply(Operation::write("file", data), {}).change, {});
    }
    opened.store->drain();
    EXPECT_EQ(static_cast<std::uint64_t>(syncs() - before), opened.store->counters().commits - commits);
    EXPECT_LT(syncs() - before, 250);
}

// Of every file there is what was there at its last sync, whatever was written since.
TEST(CfsSync, WithoutPowerAllThatWasAcknowledgedIsThere) {
    const totem::test::TemporaryDirectory directory;
    const std::string folder = directory.path() + "/used";
    const std::string left = directory.path() + "/left";
    std::filesystem::create_directory(folder);
    const test::Disk disk(folder, directory.path() + "/disk");
    Events events;
    // A short log, so that it is often copied into the database and begun anew.
    auto opened = Store::open({folder + "/config.db", Settings{}, 1000, 12}, events);
    ASSERT_TRUE(opened);
    cfs::test::RandomOperations random(11);
    std::map<std::uint64_t, Digest> history;
    std::uint64_t acknowledged = 0;
    for (int step = 0; step < 1500; ++step) {
        const Precheck checked = opened->tree.precheck(random.operation());
        if (checked.verdict != Precheck::Verdict::send) continue;
        Outcome outcome = opened->tree.apply(checked.operation, random.stamp());
        if (!outcome.change.root_changed) continue;
        const std::uint64_t version = outcome.change.version;
        history[version] = opened->tree.database_checksum();
        opened->store->submit(std::move(outcome.change), [&acknowledged, version](const Failure* failure) {
            if (!failure) acknowledged = version;
        });
        if (random.below(3) != 0) continue;
        opened->store->drain();
        ASSERT_EQ(acknowledged, version);
        disk.copy_to(left);
        const auto after = test::open(left + "/config.db");
        ASSERT_EQ(after.tree.version(), version);
        ASSERT_EQ(after.tree.database_checksum(), history.at(version));
    }
    EXPECT_GT(opened->store->counters().checkpoints, 10u);
    EXPECT_GT(history.size(), 100u);
}

}  // namespace
}  // namespace cfs::store
