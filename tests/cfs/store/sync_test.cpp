// Nothing is acknowledged before the disk was told to keep it. What SQLite asks the kernel for is counted here.

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

#include "tests/cfs/store/rows.hpp"
#include "tests/support/temporary_directory.hpp"

namespace {

std::atomic<int> syncs{0};

}  // namespace

// In place of the C library's, for this whole program.
extern "C" int fdatasync(int file) {
    ++syncs;
    return static_cast<int>(::syscall(SYS_fdatasync, file));
}
extern "C" int fsync(int file) {
    ++syncs;
    return static_cast<int>(::syscall(SYS_fsync, file));
}

namespace cfs::store {
namespace {

TEST(CfsSync, EveryCommitIsSyncedOnceAndThenAcknowledged) {
    const totem::test::TemporaryDirectory directory;
    auto opened = test::open(directory.path() + "/config.db");
    test::commit(*opened.store, opened.tree.apply(Operation::create("file"), {}).change);
    for (std::uint8_t i = 0; i < 20; ++i) {
        const int before = syncs;
        int at_completion = 0;
        opened.store->submit(opened.tree.apply(Operation::write("file", {i}), {}).change,
                             [&at_completion](const Failure*) { at_completion = syncs; });
        opened.store->drain();
        EXPECT_EQ(at_completion, before + 1);
        EXPECT_EQ(syncs, before + 1);
    }
}

TEST(CfsSync, AGroupIsSyncedTogether) {
    const totem::test::TemporaryDirectory directory;
    auto opened = test::open(directory.path() + "/config.db");
    test::commit(*opened.store, opened.tree.apply(Operation::create("file"), {}).change);
    const int before = syncs;
    const std::uint64_t commits = opened.store->counters().commits;
    for (int i = 0; i < 300; ++i) {
        const std::vector<std::uint8_t> data{static_cast<std::uint8_t>(i)};
        opened.store->submit(opened.tree.apply(Operation::write("file", data), {}).change, {});
    }
    opened.store->drain();
    EXPECT_EQ(static_cast<std::uint64_t>(syncs - before), opened.store->counters().commits - commits);
    EXPECT_LT(syncs - before, 250);
}

}  // namespace
}  // namespace cfs::store
