// What of POSIX the program keeps: conformance/posix checks it from outside.

#include <sys/wait.h>

#include <gmock/gmock.h>
#include <cstdio>
#include <filesystem>

#include "tests/cfs/daemon/scene.hpp"

namespace cfs::daemon {
namespace {

using testing::HasSubstr;

class Posix : public Scene {
protected:
    static Finished check(const std::string& arguments) {
        FILE* const output = ::popen((std::string(POSIX_CHECK) + " " + arguments + " 2>&1").c_str(), "re");
        std::string text(1 << 20, '\0');
        text.resize(std::fread(text.data(), 1, text.size(), output));
        return {WEXITSTATUS(::pclose(output)), text};
    }
};

TEST_F(Posix, Holds) {
    const auto daemon = start();
    ASSERT_NE(daemon, nullptr);
    const Finished result = check(shown("") + " --skip limit");
    EXPECT_EQ(result.status, 0) << result.errors;
    daemon->signal(SIGTERM);
    EXPECT_EQ(daemon->wait(), 0);
}

TEST_F(Posix, HoldsWhenThereIsNoRoom) {
    const auto daemon = start();
    ASSERT_NE(daemon, nullptr);
    const Finished result = check(shown("") + " limit");
    EXPECT_EQ(result.status, 0) << result.errors;
}

TEST_F(Posix, WhatDoesNotHoldIsReported) {
    const std::string folder = path("folder");
    std::filesystem::create_directory(folder);
    EXPECT_THAT(check(folder).errors, HasSubstr("is no mounted store: it has no .version"));
    ASSERT_EQ(put(folder + "/.version", "{}"), 0);
    const Finished result = check(folder + " unsupported/links open/exclusive");
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.errors, HasSubstr("\nok 1 - open/exclusive #"));
    EXPECT_THAT(result.errors, HasSubstr("\nnot ok 2 - unsupported/links #"));
    EXPECT_THAT(result.errors, HasSubstr("\n# symlink: success, should be ENOSYS\n"));
    EXPECT_EQ(check(folder + " unsupported/nothing").status, 2);
    EXPECT_EQ(std::filesystem::directory_iterator(folder)->path().filename(), ".version") << "and nothing is left";
}

}  // namespace
}  // namespace cfs::daemon
