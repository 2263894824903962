// What local programs get from the running daemon through its socket.

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <csignal>

#include "tests/cfs/daemon/scene.hpp"

namespace cfs::daemon {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Clients : public Scene {};

TEST_F(Clients, ReadTheVirtualFilesAndContents) {
    const auto daemon = start();
    ASSERT_NE(daemon, nullptr);
    ASSERT_EQ(put(shown("user.cfg"), "user:root@pam:1\n"), 0);
    EXPECT_EQ(ask({"config", "/user.cfg"}), "user:root@pam:1\n");
    EXPECT_EQ(ask({"config", "none"}), "totem-pve2: refused: No such file or directory\n");
    EXPECT_EQ(ask({"config", ".version"}), "totem-pve2: refused: No such file or directory\n");
    EXPECT_EQ(ask({"members"}), get(shown(".members")));
    EXPECT_EQ(ask({"version"}), get(shown(".version")));
    EXPECT_EQ(ask({"guests"}), get(shown(".vmlist")));
}

TEST_F(Clients, KeysAndLinesAreKept) {
    const auto daemon = start();
    ASSERT_NE(daemon, nullptr);
    EXPECT_EQ(ask({"set", "tasklist", "[]"}), "");
    EXPECT_EQ(ask({"set", "tasklist", "[1]"}), "");
    EXPECT_EQ(ask({"get", "", "tasklist"}), "[1]");
    EXPECT_EQ(ask({"get", node, "tasklist"}), "[1]");
    EXPECT_EQ(ask({"get", "other", "tasklist"}), "totem-pve2: refused: No such file or directory\n");
    EXPECT_THAT(get(shown(".version")), HasSubstr("\"cfsdtest\": {\n\"tasklist\": 1}\n"));
    EXPECT_EQ(ask({"log", "root@pam", "qm", "start 100"}), "");
    EXPECT_THAT(get(shown(".clusterlog")), HasSubstr("\"user\": \"root@pam\", \"msg\": \"start 100\""));
    EXPECT_THAT(ask({"clusterlog", "root@pam"}), HasSubstr("start 100"));
    EXPECT_EQ(ask({"clusterlog", "nobody"}), "{\n\"data\": [\n]\n}\n");
    EXPECT_EQ(ask({"set", "big", std::string(32769, 'x')}), "totem-pve2: refused: File too large\n");
}

TEST_F(Clients, TheGenerationOfThePeersDecidesOnLimitsAndRequests) {
    {
        const auto older = start({"-f", "-l"});
        ASSERT_NE(older, nullptr);
        EXPECT_EQ(put(shown("large"), std::string(524'289, 'x')), EFBIG);
        EXPECT_EQ(ask({"property", "0", "name"}), "totem-pve2: refused: Channel number out of range\n");
        older->signal(SIGTERM);
        ASSERT_EQ(older->wait(), 0);
    }
    const auto newer = start({"-f", "-l", "--peers", "9"});
    ASSERT_NE(newer, nullptr);
    EXPECT_EQ(put(shown("large"), std::string(1'048'576, 'x')), 0);
    EXPECT_EQ(put(shown("larger"), std::string(1'048'577, 'x')), EFBIG);
    ASSERT_EQ(::mkdir(shown("nodes").c_str(), 0755), 0);
    ASSERT_EQ(::mkdir(shown("nodes/a").c_str(), 0755), 0);
    ASSERT_EQ(::mkdir(shown("nodes/a/lxc").c_str(), 0755), 0);
    ASSERT_EQ(put(shown("nodes/a/lxc/100.conf"), "name: web\n"), 0);
    EXPECT_EQ(ask({"property", "0", "name"}), "{\n\"100\":{\"name\": \"web\"}\n}\n");
    EXPECT_THAT(get(shown(".version")), HasSubstr("\"mapping/usb.cfg\": 1"));
}

TEST_F(Clients, ASocketThatIsTakenIsSaidToTheStarter) {
    const auto daemon = start();
    ASSERT_NE(daemon, nullptr);
    ASSERT_EQ(::mkdir(path("second").c_str(), 0755), 0);
    const Finished second = run_below("second", {"-l"});
    EXPECT_EQ(second.status, 255);
    EXPECT_THAT(second.errors, HasSubstr("[main] crit: unable to serve local programs: "));
    EXPECT_THAT(second.errors, HasSubstr("Address already in use - another daemon has the socket 'pve2'?\n"));
    EXPECT_EQ(ask({"members"}), get(shown(".members"))) << "the first one goes on";
}

}  // namespace
}  // namespace cfs::daemon
