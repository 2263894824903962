// A process that dies at any moment loses nothing it acknowledged, and leaves a state that existed.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <map>
#include <random>

#include "tests/cfs/random_operations.hpp"
#include "tests/cfs/store/rows.hpp"
#include "tests/support/temporary_directory.hpp"

namespace cfs::store {
namespace {

using cfs::test::RandomOperations;

// Checksums of the tree by version: what one run of the operations goes through.
using History = std::map<std::uint64_t, Digest>;

// The next operation of the run that changes something, applied.
Change next_change(Tree& tree, RandomOperations& random) {
    for (;;) {
        const Precheck checked = tree.precheck(random.operation());
        if (checked.verdict != Precheck::Verdict::send) continue;
        Outcome outcome = tree.apply(checked.operation, random.stamp());
        if (outcome.change.root_changed) return std::move(outcome.change);
    }
}

// Works until it is killed and writes each acknowledged version to the pipe.
[[noreturn]] void work(const std::string& file, std::uint64_t seed, int acknowledged) {
    Events events;
    // With a short log, so that it is often copied into the database.
    auto opened = Store::open({file, Settings{}, 1000, 10}, events);
    if (!opened) ::_exit(1);
    RandomOperations random(seed);
    RandomOperations pauses(seed + 1000);
    for (;;) {
        Change change = next_change(opened->tree, random);
        const std::uint64_t version = change.version;
        opened->store->submit(std::move(change), [acknowledged, version](const Failure* failure) {
            if (failure || ::write(acknowledged, &version, sizeof(version)) != sizeof(version)) ::_exit(1);
        });
        if (pauses.below(8) == 0) opened->store->drain();
    }
}

class Worker {
public:
    Worker(const std::string& file, std::uint64_t seed) {
        std::array<int, 2> ends{};
        if (::pipe(ends.data()) != 0) throw std::runtime_error("pipe");
        process_ = ::fork();
        if (process_ == 0) {
            ::close(ends[0]);
            work(file, seed, ends[1]);
        }
        ::close(ends[1]);
        read_ = ends[0];
    }
    ~Worker() {
        kill();
        ::close(read_);
    }
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // The next acknowledged version, nothing when it is dead and all is read.
    std::optional<std::uint64_t> next() const {
        std::uint64_t version = 0;
        if (::read(read_, &version, sizeof(version)) != sizeof(version)) return std::nullopt;
        return version;
    }
    void kill() {
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
        process_ = -1;
    }

private:
    pid_t process_ = -1;
    int read_ = -1;
};

// The same run without a disk, as far as `version`.
History history_of(Tree tree, std::uint64_t seed, std::uint64_t version) {
    History history{{tree.version(), tree.database_checksum()}};
    RandomOperations random(seed);
    while (tree.version() < version) {
        (void)next_change(tree, random);
        history[tree.version()] = tree.database_checksum();
    }
    return history;
}

TEST(CfsStoreCrash, WhatWasAcknowledgedSurvivesAKill) {
    const totem::test::TemporaryDirectory directory;
    const std::string file = directory.path() + "/config.db";
    std::mt19937_64 moments(4711);
    Tree before = test::open(file).tree;
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        SCOPED_TRACE(seed);
        std::uint64_t acknowledged = before.version();
        {
            Worker worker(file, seed);
            for (std::uint64_t left = 1 + moments() % 60; left > 0; --left) {
                const auto version = worker.next();
                ASSERT_TRUE(version) << "the worker failed";
                acknowledged = *version;
            }
            // Somewhere in what comes next.
            ::usleep(static_cast<useconds_t>(moments() % 3000));
            worker.kill();
            while (const auto version = worker.next())
                acknowledged = *version;
        }
        const auto opened = test::open(file);
        EXPECT_GE(opened.tree.version(), acknowledged);
        const History history = history_of(before, seed, opened.tree.version());
        ASSERT_TRUE(history.contains(opened.tree.version()));
        // The tree as it was, all of it.
        EXPECT_EQ(opened.tree.database_checksum(), history.at(opened.tree.version()));
        before = opened.tree;
    }
    EXPECT_GT(before.version(), 500u);
}

}  // namespace
}  // namespace cfs::store
