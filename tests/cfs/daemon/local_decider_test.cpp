#include "cfs/daemon/local_decider.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <future>
#include <thread>

#include "tests/support/temporary_directory.hpp"

namespace cfs::daemon {
namespace {

class LocalDeciderTest : public testing::Test {
protected:
    store::Opened open() {
        Events events;
        auto database =
            store::Store::open({.path = folder.path() + "/config.db", .settings = {}, .local_time = 1}, events);
        if (!database) throw std::runtime_error(database.text());
        return std::move(*database);
    }
    std::int64_t result_of(Operation operation) {
        const auto result = std::make_shared<std::promise<std::int64_t>>();
        decider.submit(std::move(operation), [result](std::int64_t value) { result->set_value(value); });
        return result->get_future().get();
    }
    bool has(const std::string& path) {
        bool found = false;
        tree.look([&](const Tree& all) { found = all.find(path) != nullptr; });
        return found;
    }

    totem::test::TemporaryDirectory folder;
    std::atomic<std::uint64_t> time = 1000;
    store::Opened opened = open();
    SharedTree tree{std::move(opened.tree), *opened.store};
    LocalDecider decider{tree, [this] { return time.load(); }};
};

TEST_F(LocalDeciderTest, ASuccessIsOnDisk) {
    EXPECT_EQ(result_of(Operation::create("file")), 0);
    EXPECT_EQ(result_of(Operation::write("file", {'a', 'b'})), 2);
    EXPECT_EQ(opened.store->counters().changes, 2u);
    tree.look([](const Tree& all) {
        EXPECT_EQ(all.find("file")->writer, 0u);
        EXPECT_EQ(all.find("file")->mtime, 1000u);
        EXPECT_EQ(all.version(), 3u);
    });
}

TEST_F(LocalDeciderTest, ErrorsNeedNoDisk) {
    EXPECT_EQ(result_of(Operation::remove("file")), -ENOENT);
    EXPECT_EQ(result_of(Operation::truncated("file", 1U << 30U)), -EFBIG);
    EXPECT_EQ(result_of(Operation::create("file")), 0);
    EXPECT_EQ(result_of(Operation::rename("file", "file")), 0) << "nothing to do";
    EXPECT_EQ(opened.store->counters().changes, 1u);
}

TEST_F(LocalDeciderTest, AskingForAnExpiredLockRemovesIt) {
    ASSERT_EQ(result_of(Operation::make_directory("priv")), 0);
    ASSERT_EQ(result_of(Operation::make_directory("priv/lock")), 0);
    ASSERT_EQ(result_of(Operation::make_directory("priv/lock/mine")), 0);
    time = 1120;
    EXPECT_EQ(result_of(Operation::set_mtime("priv/lock/mine", 0)), -EACCES);
    EXPECT_TRUE(has("priv/lock/mine"));
    time = 1121;
    EXPECT_EQ(result_of(Operation::set_mtime("priv/lock/mine", 0)), 0);
    EXPECT_FALSE(has("priv/lock/mine"));
}

TEST_F(LocalDeciderTest, AfterAFailureOfTheDiskNothingIsAcknowledged) {
    ASSERT_EQ(result_of(Operation::create("file")), 0);
    opened.store->close();
    EXPECT_EQ(result_of(Operation::create("second")), -EIO);
    EXPECT_EQ(result_of(Operation::create("third")), -EIO);
    EXPECT_TRUE(has("file")) << "reading goes on";
    EXPECT_FALSE(has("third"));
}

// A change that is asked for while another is answered, on the store's thread and, when it has failed, on the own.
TEST_F(LocalDeciderTest, AnAnswerMayAskForMore) {
    for (const bool failing : {false, true}) {
        if (failing) opened.store->close();
        const std::string name = failing ? "b" : "a";
        const auto result = std::make_shared<std::promise<std::int64_t>>();
        decider.submit(Operation::create(name), [this, result, name](std::int64_t) {
            tree.look([](const Tree&) {});
            decider.submit(Operation::write(name, {'x'}), [result](std::int64_t value) { result->set_value(value); });
        });
        EXPECT_EQ(result->get_future().get(), failing ? -EIO : 1);
    }
    tree.wait_until_idle();
}

TEST_F(LocalDeciderTest, ManyAtOnce) {
    constexpr int kThreads = 4;
    constexpr int kEach = 100;
    std::atomic<int> succeeded = 0;
    std::vector<std::thread> threads;
    threads.reserve(kThreads);
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < kEach; ++i)
                decider.submit(Operation::create(std::to_string(t) + "-" + std::to_string(i)),
                               [&](std::int64_t result) { succeeded += result == 0 ? 1 : 0; });
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    tree.wait_until_idle();
    EXPECT_EQ(succeeded, kThreads * kEach);
    Digest in_memory{};
    tree.look([&](const Tree& all) { in_memory = all.database_checksum(); });
    opened.store->close();
    Events events;
    const auto again =
        store::Store::open({.path = folder.path() + "/config.db", .settings = {}, .local_time = 1}, events);
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->tree.database_checksum(), in_memory);
}

}  // namespace
}  // namespace cfs::daemon
