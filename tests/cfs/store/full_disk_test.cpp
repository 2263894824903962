// A disk without room: every waiting change learns it, nothing hangs, and what was acknowledged stays.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/cfs/store/rows.hpp"
#include "tests/support/temporary_directory.hpp"

namespace cfs::store {
namespace {

constexpr rlim_t kRoom = 200 * 1024;

// In a child of its own: the limit can't be taken back. 0 when all went as it should.
int fill(const std::string& file) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{kRoom, kRoom};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 1;
    auto opened = test::open(file);
    std::uint64_t acknowledged = 1;
    std::uint64_t refused = 0;
    std::string why;
    for (std::uint32_t i = 0; i < 300; ++i) {
        const std::string name = "f" + std::to_string(i);
        (void)opened.tree.apply(Operation::create(name), {0, i, i});
        Outcome outcome = opened.tree.apply(Operation::write(name, std::vector<std::uint8_t>(3000, 'x')), {0, i, i});
        // The create's row is in the write's; its version is skipped, as in a sync.
        outcome.change.put.at(0).content_changed = true;
        const std::uint64_t version = outcome.change.version;
        opened.store->submit(std::move(outcome.change), [&, version](const Failure* failure) {
            if (failure) {
                ++refused;
                why = failure->text;
            } else if (refused > 0) {
                why = "acknowledged after a failure";
            } else {
                acknowledged = version;
            }
        });
        if (i % 3 == 0) opened.store->drain();
    }
    opened.store->drain();
    if (refused == 0 || acknowledged < 5 || why.find(" failed: ") == std::string::npos) return 2;
    if (!opened.store->failure()) return 3;
    opened.store->close();
    // Where there is no room for the log to be taken over, it is still read.
    const auto again = test::open(file);
    return again.tree.version() == acknowledged ? 0 : 4;
}

TEST(CfsFullDisk, EveryWaitingChangeLearnsIt) {
    const totem::test::TemporaryDirectory directory;
    const std::string file = directory.path() + "/config.db";
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        int result = 9;
        try {
            result = fill(file);
        } catch (const std::exception& error) {
            ::fprintf(stderr, "%s\n", error.what());
        }
        ::_exit(result);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
    // With room again it goes on.
    auto opened = test::open(file);
    test::commit(*opened.store, opened.tree.apply(Operation::create("more"), {0, 1, 1}).change);
}

}  // namespace
}  // namespace cfs::store
