// What may be changed, by whom and when: modes, owners, times, quorum.
#include <fcntl.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "tests/cfs/mount/mounted.hpp"

namespace cfs::mount {
namespace {

class Quorum : public Mounted {
protected:
    int utimens(const std::string& name, timespec access, timespec modification) const {
        const timespec times[2] = {access, modification};
        return ::utimensat(AT_FDCWD, path(name).c_str(), times, 0) == 0 ? 0 : errno;
    }
};

TEST_F(Quorum, WithoutItEverythingCanBeReadAndNothingChanged) {
    ASSERT_EQ(::mkdir(path("d").c_str(), 0777), 0);
    ASSERT_EQ(put("d/f", "content"), 0);
    files.is_quorate = false;
    EXPECT_EQ(get("d/f"), "content");
    EXPECT_EQ(list("d"), std::vector<std::string>{"f"});
    EXPECT_EQ(put("d/f", "x"), EACCES);
    EXPECT_EQ(put("d/g", "x"), EACCES);
    const auto refused = [](int result) {
        EXPECT_EQ(result, -1);
        EXPECT_EQ(errno, EACCES);
    };
    refused(::mkdir(path("e").c_str(), 0777));
    refused(::rmdir(path("d").c_str()));
    refused(::unlink(path("d/f").c_str()));
    refused(::rename(path("d/f").c_str(), path("d/g").c_str()));
    refused(::truncate(path("d/f").c_str(), 3));
    refused(::truncate(path("d/f").c_str(), 600000));
    EXPECT_EQ(utimens("d/f", {5, 0}, {5, 0}), EACCES);
    EXPECT_EQ(utimens("", {5, 0}, {5, 0}), EACCES);
    refused(::rename(path("d/f").c_str(), path(".version").c_str()));
    EXPECT_EQ(put(".debug", "1\n"), 0);
    EXPECT_EQ(::chmod(path("d/f").c_str(), 0640), 0);
    files.is_quorate = true;
    EXPECT_EQ(put("d/f", "again"), 0);
}

TEST_F(Quorum, ShowsInTheModes) {
    for (const auto* each : {"priv", "nodes", "nodes/a", "nodes/a/priv", "nodes/a/lxc"})
        ASSERT_EQ(::mkdir(path(each).c_str(), 0777), 0);
    for (const auto* each : {"f", "priv/f", "nodes/a/lxc/100.conf"})
        ASSERT_EQ(put(each, "x"), 0);
    const auto mode = [this](const std::string& name) { return stat_of(name).st_mode & 07777; };
    EXPECT_EQ(mode(""), 0755u);
    EXPECT_EQ(mode("nodes"), 0755u);
    EXPECT_EQ(mode("nodes/a/priv"), 0700u);
    EXPECT_EQ(mode("f"), 0640u);
    EXPECT_EQ(mode("priv/f"), 0600u);
    EXPECT_EQ(mode("nodes/a/lxc/100.conf"), 0644u);
    EXPECT_EQ(mode("local"), 0755u);
    files.is_quorate = false;
    // The kernel has not seen these before, so it remembers nothing of them.
    ASSERT_EQ(files.from_elsewhere(Operation::create("g")), 0);
    ASSERT_EQ(files.from_elsewhere(Operation::create("priv/g")), 0);
    ASSERT_EQ(files.from_elsewhere(Operation::make_directory("d")), 0);
    EXPECT_EQ(mode("g"), 0440u);
    EXPECT_EQ(mode("priv/g"), 0400u);
    EXPECT_EQ(mode("d"), 0555u);
    EXPECT_EQ(mode("lxc"), 0555u);
}

TEST_F(Quorum, OwnersAndModesStayAsTheyAre) {
    ASSERT_EQ(::mkdir(path("priv").c_str(), 0777), 0);
    ASSERT_EQ(put("f", ""), 0);
    ASSERT_EQ(put("priv/f", ""), 0);
    EXPECT_EQ(::chmod(path("f").c_str(), 0640), 0);
    EXPECT_EQ(::chmod(path("priv/f").c_str(), 0600), 0);
    for (const mode_t mode : {0644, 0600, 0777}) {
        EXPECT_EQ(::chmod(path("f").c_str(), mode), -1);
        EXPECT_EQ(errno, EPERM);
    }
    EXPECT_EQ(::chown(path("f").c_str(), 0, kGroup), 0);
    EXPECT_EQ(::chown(path("f").c_str(), static_cast<uid_t>(-1), kGroup), 0);
    EXPECT_EQ(::chown(path("f").c_str(), 1, kGroup), -1);
    EXPECT_EQ(errno, EPERM);
    EXPECT_EQ(::chown(path("f").c_str(), 0, 0), -1);
    EXPECT_EQ(errno, EPERM);
}

TEST_F(Quorum, TimesAreWholeSecondsOfTheModification) {
    ASSERT_EQ(put("f", ""), 0);
    EXPECT_EQ(utimens("f", {7, 0}, {1500000000, 999}), 0);
    EXPECT_EQ(stat_of("f").st_mtim.tv_sec, 1500000000);
    EXPECT_EQ(stat_of("f").st_mtim.tv_nsec, 0);
    EXPECT_EQ(stat_of("f").st_atim.tv_sec, 1500000000);
    EXPECT_EQ(utimens("f", {0, UTIME_OMIT}, {1600000000, 0}), 0) << "touch -m";
    EXPECT_EQ(stat_of("f").st_mtim.tv_sec, 1600000000);
    const int before = files.submitted;
    EXPECT_EQ(utimens("f", {1, 0}, {0, UTIME_OMIT}), 0);
    EXPECT_EQ(files.submitted, before);
    EXPECT_EQ(utimens("f", {0, UTIME_NOW}, {0, UTIME_NOW}), 0);
    EXPECT_NEAR(static_cast<double>(stat_of("f").st_mtim.tv_sec), static_cast<double>(std::time(nullptr)), 5);
    EXPECT_EQ(utimens("f", {5000000000, 0}, {5000000000, 0}), 0);
    EXPECT_EQ(stat_of("f").st_mtim.tv_sec, 705032704) << "32 bits";
    EXPECT_EQ(utimens("", {5, 0}, {5, 0}), EACCES) << "the root has no time of its own";
}

}  // namespace
}  // namespace cfs::mount
