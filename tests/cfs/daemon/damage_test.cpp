// Databases that the program does not start with.

#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>
#include <filesystem>

#include "tests/cfs/daemon/scene.hpp"

namespace cfs::daemon {
namespace {

using testing::HasSubstr;

class Damage : public Scene {
protected:
    void SetUp() override {
        Scene::SetUp();
        if (IsSkipped()) return;
        std::filesystem::create_directory(path("var/lib/pve-cluster"));
    }
    std::string database() const { return path("var/lib/pve-cluster/config.db"); }
    void expect_refused() {
        const Finished refused = run({"-f", "-l"});
        EXPECT_EQ(refused.status, 255);
        EXPECT_THAT(refused.errors, HasSubstr("[database] crit: "));
        EXPECT_THAT(refused.errors,
                    HasSubstr("[main] crit: memdb_open failed - unable to open database '" + database() +
                              "'\n[main] notice: exit proxmox configuration filesystem (-1)\n"));
        EXPECT_FALSE(exists("run/pve-cluster.pid"));
    }
};

TEST_F(Damage, NoDatabaseAtAll) {
    const std::string text = "this is a letter to my aunt, and long enough to be something else than a header";
    ASSERT_EQ(put(database(), text), 0);
    expect_refused();
    EXPECT_EQ(get(database()), text) << "left as it is";
}

TEST_F(Damage, CutOff) {
    auto daemon = start();
    ASSERT_NE(daemon, nullptr);
    ASSERT_EQ(put(shown("file"), std::string(100'000, 'x')), 0);
    daemon->signal(SIGTERM);
    ASSERT_EQ(daemon->wait(), 0);
    std::filesystem::resize_file(database(), 12'288);
    expect_refused();
}

TEST_F(Damage, AFullDiskEndsWritingAndNothingElse) {
    const std::string folder = path("var/lib/pve-cluster");
    ASSERT_EQ(::mount("none", folder.c_str(), "tmpfs", 0, "size=400k"), 0);
    auto daemon = start();
    ASSERT_NE(daemon, nullptr);
    const std::string content(20'000, 'x');
    int acknowledged = 0;
    int error = 0;
    while ((error = put(shown(std::to_string(acknowledged)), content)) == 0)
        ++acknowledged;
    EXPECT_EQ(error, EIO);
    EXPECT_GT(acknowledged, 2);
    EXPECT_EQ(::mkdir(shown("later").c_str(), 0755), -1);
    EXPECT_EQ(errno, EIO);
    EXPECT_EQ(get(shown("0")), content);
    EXPECT_THAT(daemon->errors(), HasSubstr("[database] crit: "));
    daemon->signal(SIGTERM);
    EXPECT_EQ(daemon->wait(), 0);

    ASSERT_EQ(::mount("none", folder.c_str(), "tmpfs", MS_REMOUNT, "size=4m"), 0);
    daemon = start();
    ASSERT_NE(daemon, nullptr);
    for (int i = 0; i < acknowledged; ++i)
        EXPECT_EQ(get(shown(std::to_string(i))), content) << i;
    EXPECT_EQ(put(shown("now"), content), 0);
}

}  // namespace
}  // namespace cfs::daemon
