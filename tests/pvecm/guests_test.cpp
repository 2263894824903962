// Guests as the store has them, and the order they start in (pvecm.md section 17).
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <filesystem>

#include "pvecm/error.hpp"
#include "pvecm/guests/guest.hpp"
#include "pvecm/guests/run.hpp"
#include "pvecm/guests/workers.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/separate/findings.hpp"
#include "tests/support/temporary_directory.hpp"

namespace pvecm::guests {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Guest guest(const std::string& text, long id = 100) {
    std::vector<std::string> warnings;
    return parse_guest(text, id, Kind::machine, warnings);
}

std::vector<long> ids(const std::vector<Guest>& guests) {
    std::vector<long> result;
    for (const Guest& each : guests)
        result.push_back(each.id);
    return result;
}

TEST(Guest, IsWhatItsConfigurationSays) {
    const Guest on =
        guest("# a comment: onboot: 0\nname: web\nonboot: 1\nstartup: order=2,up=30,down=5\nlock: backup\n");
    EXPECT_TRUE(on.onboot);
    EXPECT_EQ(on.order, 2);
    EXPECT_EQ(on.up, 30);
    EXPECT_EQ(on.down, 5);
    EXPECT_EQ(on.lock, "backup");
    EXPECT_EQ(guest("startup: 7\n").order, 7) << "the order is the key-less one";
    const Guest snapshot = guest("cores: 1\n\n[before]\nonboot: 1\ntemplate: 1\nlock: backup\n");
    EXPECT_FALSE(snapshot.onboot) << "of a snapshot";
    EXPECT_FALSE(snapshot.is_template);
    EXPECT_EQ(snapshot.lock, "");
}

TEST(Guest, SaysWhatIsWrongWithItsStartup) {
    std::vector<std::string> warnings;
    const Guest wrong = parse_guest("startup: order=first\n", 101, Kind::container, warnings);
    EXPECT_FALSE(wrong.order);
    EXPECT_THAT(warnings, ElementsAre("guest 101: startup 'order=first' is ignored: 'first' is not a number"));
}

TEST(Guest, LosesItsLockAndNothingElse) {
    EXPECT_EQ(without_lock("a: 1\nlock: backup\nb: 2\n[s]\nlock: snapshot\n"), "a: 1\nb: 2\n[s]\nlock: snapshot\n");
}

TEST(StartOrder, IsByOrderAndIdAndLastWithoutOne) {
    const std::vector<Guest> guests = {guest("onboot: 1\n", 100),
                                       guest("onboot: 1\nstartup: order=2\n", 103),
                                       guest("onboot: 1\nstartup: order=2\n", 102),
                                       guest("cores: 1\n", 104),
                                       guest("onboot: 1\nstartup: order=1\n", 110),
                                       guest("onboot: 1\ntemplate: 1\n", 105)};
    EXPECT_THAT(ids(start_order(guests, {}, false)), ElementsAre(110, 102, 103, 100));
    EXPECT_THAT(ids(start_order(guests, {102}, false)), ElementsAre(110, 103, 100)) << "102 is for high availability";
    EXPECT_THAT(ids(start_order(guests, {}, true)), ElementsAre(110, 102, 103, 100, 104));
}

TEST(StopOrder, IsTheOppositeOne) {
    const std::vector<Guest> guests = {guest("cores: 1\n", 100),         guest("startup: order=2\n", 102),
                                       guest("startup: order=2\n", 103), guest("startup: order=1\n", 110),
                                       guest("template: 1\n", 105),      guest("cores: 1\n", 106)};
    const auto plan = stop_order(guests, {106});
    EXPECT_THAT(ids(plan), ElementsAre(100, 103, 102, 110));
    std::vector<std::vector<long>> steps;
    for (const auto& each : by_order(plan))
        steps.push_back(ids(each));
    EXPECT_THAT(steps, ElementsAre(ElementsAre(100), ElementsAre(103, 102), ElementsAre(110)));
}

// Guests are files that a script makes and removes.
class Run : public testing::Test {
protected:
    Run() {
        std::filesystem::create_directories(paths.pve("nodes/a"));
        make_link("nodes/a", paths.pve("local"));
        std::filesystem::create_directories(paths.root + "/etc/default");
        script("status", "test -e $0.$1 && echo status: running");
        script("start", "touch " + file("status.$1"));
        script("shutdown", "rm " + file("status.$1"));
        script("stop", "rm " + file("status.$1"));
        std::string settings;
        for (const char* const verb : {"START", "STATUS", "SHUTDOWN", "STOP"}) {
            std::string name = verb;
            std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
            settings += fmt::format("PVECM_{}_CT=\"timeout 20 sh {} {{id}} {{seconds}}\"\n", verb, file(name));
        }
        write_file(paths.settings(), settings);
    }
    std::string file(const std::string& name) const { return folder.path() + "/" + name; }
    void script(const std::string& name, const std::string& text) const { write_file(file(name), text + "\n"); }
    bool runs(long id) const { return exists(file("status." + std::to_string(id))); }
    static Guest container(const std::string& text, long id) {
        std::vector<std::string> warnings;
        return parse_guest(text, id, Kind::container, warnings);
    }
    const totem::test::TemporaryDirectory folder;
    const Paths paths{.root = folder.path()};
    const Commands commands{paths};
};

TEST_F(Run, StartsAndStopsThem) {
    const std::vector<Guest> plan = {container("", 100), container("startup: down=7\n", 101)};
    testing::internal::CaptureStdout();
    EXPECT_TRUE(start_all(paths, commands, plan, 1));
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "Starting CT 100\nStarting CT 101\n");
    EXPECT_TRUE(runs(100) && runs(101));
    script("shutdown", "test $2 = 7 && rm " + file("status.$1"));  // 100 has the time of a container, and stays
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    EXPECT_TRUE(stop_all(commands, plan, 1));
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "Stopping CT 100\nStopping CT 100 by force\nStopping CT 101\n");
    EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::HasSubstr("Stopping CT 100 failed: 'timeout 70 "));
    EXPECT_FALSE(runs(100) || runs(101));
    script("stop", "exit 1");
    script("shutdown", "exit 0");  // and does nothing
    script("status", "echo status: running");
    EXPECT_FALSE(stop_all(commands, plan, 1));
}

// Each waits until the other has begun.
TEST_F(Run, LetsThoseOfOneOrderStartAtOnce) {
    ASSERT_EQ(::mkfifo(file("meet").c_str(), 0600), 0);
    script("start",
           fmt::format("test $1 = 100 && echo here >{0} || cat {0}\ntouch {1}", file("meet"), file("status.$1")));
    EXPECT_TRUE(start_all(paths, commands, {container("", 100), container("", 101)}, 2));
    EXPECT_TRUE(runs(100) && runs(101));
}

TEST_F(Run, EndsOneOrderBeforeTheNext) {
    script("start",
           "test $1 = 100 || test -e " + file("status.100") + " || exit 1\nsleep 0.2\ntouch " + file("status.$1"));
    EXPECT_TRUE(start_all(paths, commands, {container("startup: 1\n", 100), container("startup: 2\n", 101)}, 2));
}

TEST_F(Run, StopsToStartWhenQuorumIsLost) {
    remove_file(paths.pve("local"));
    EXPECT_THROW(start_all(paths, commands, {container("", 100)}, 2), Error);
    EXPECT_FALSE(runs(100));
}

TEST(Workers, AreNoMoreThanTheyMay) {
    std::atomic<int> now = 0, most = 0, done = 0;
    Workers workers(3);
    for (int i = 0; i < 20; ++i) {
        workers.begin([&] {
            const int beside = ++now;
            int seen = most;
            while (seen < beside && !most.compare_exchange_weak(seen, beside)) {
            }
            --now;
            ++done;
        });
    }
    workers.finish();
    EXPECT_EQ(done, 20);
    EXPECT_LE(most, 3);
}

TEST(StartOrder, LeavesOutWhatIsManaged) {
    EXPECT_THAT(managed_ids("vm: 100\n\tgroup a\n\nct: 101\nfencing: x\n"), ElementsAre(100, 101));
    EXPECT_THAT(managed_ids(""), IsEmpty());
}

TEST(SharedStorages, AreThoseThatOthersReachToo) {
    const std::string text =
        "dir: local\n\tpath /var/lib/vz\n\n"
        "nfs: files\n\tserver 10.0.0.9\n\tnodes hp1,hp4\n\n"
        "lvm: san\n\tvgname v\n\tshared 1\n\n"
        "rbd: ceph\n\tdisable\n\n"
        "dir: mine\n\tshared 0\n";
    EXPECT_THAT(separate::shared_storages(text, "hp4"), ElementsAre("files", "san"));
    EXPECT_THAT(separate::shared_storages(text, "hp2"), ElementsAre("san"));
    EXPECT_THAT(separate::shared_storages("", "hp2"), IsEmpty());
}

}  // namespace
}  // namespace pvecm::guests
