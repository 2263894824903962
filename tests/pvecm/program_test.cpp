// The program itself on a node that is in no cluster, with a store of its own.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "pvecm/host/files.hpp"
#include "pvecm/host/process.hpp"
#include "tests/cfs/daemon/scene.hpp"

namespace pvecm {
namespace {

using testing::HasSubstr;

// Of a node that is in a cluster with others that are not there.
const std::string cluster_conf =
    "totem {\n  version: 2\n  config_version: 3\n  cluster_name: test\n  secauth: on\n}\n"
    "nodelist {\n  node {\n    name: a\n    nodeid: 1\n    ring0_addr: 10.9.8.7\n  }\n"
    "  node {\n    name: b\n    nodeid: 2\n    ring0_addr: 10.9.8.8\n  }\n}\n"
    "quorum {\n  provider: corosync_votequorum\n}\n";

class Program : public cfs::daemon::Scene {
protected:
    void SetUp() override {
        Scene::SetUp();
        if (IsSkipped()) return;
        for (const char* const each : {"etc/ssh", "etc/default", "var/lock", "var/tmp", "root"})
            std::filesystem::create_directories(path(each));
        write_file(path("etc/ssh/ssh_host_rsa_key.pub"), "ssh-rsa AAAAhost root@x\n");
        ::setenv("PVECM_ROOT", path("").substr(0, path("").size() - 1).c_str(), 1);
        ::setenv("PVECM_SERVICE_PVE_CLUSTER", CFSD, 1);
        ::setenv("PVECM_SERVICE_COROSYNC", "true", 1);  // there is one, and nothing here starts it
        run_captured({"ip", "link", "set", "lo", "up"});
        run_captured({"ip", "address", "add", address + "/24", "dev", "lo"});
        store_ = start();
        ASSERT_TRUE(store_);
    }
    void TearDown() override {
        store_.reset();
        for (const char* const each : {"PVECM_ROOT", "PVECM_SERVICE_PVE_CLUSTER", "PVECM_SERVICE_COROSYNC"})
            ::unsetenv(each);
        Scene::TearDown();
    }
    static pvecm::Finished pvecm(Words words) {
        words.insert(words.begin(), PVECM);
        return run_captured(words);
    }

    std::unique_ptr<cfs::daemon::Process> store_;
};

TEST_F(Program, NeedsTheStore) {
    store_->signal(SIGTERM);
    ASSERT_EQ(store_->wait(), 0);
    const auto done = pvecm({"status"});
    EXPECT_EQ(done.err, "pve configuration filesystem not mounted\n");
    EXPECT_EQ(done.status, 255);
}

TEST_F(Program, MakesFilesOfTheNode) {
    const auto done = pvecm({"updatecerts"});
    EXPECT_EQ(done.out, "(re)generate node files\nmerge authorized SSH keys and known hosts\n") << done.err;
    EXPECT_EQ(done.status, 0);
    EXPECT_THAT(
        run_captured({"openssl", "verify", "-CAfile", shown("pve-root-ca.pem"), shown("local/pve-ssl.pem")}).out,
        HasSubstr(": OK"));
    EXPECT_EQ(read_file(shown("priv/known_hosts")),
              fmt::format("{} ssh-rsa AAAAhost\n{} ssh-rsa AAAAhost\n", node, address));
    EXPECT_EQ(read_file(shown("priv/authorized_keys")), read_file(path("root/.ssh/id_rsa.pub")));
    EXPECT_TRUE(is_link(path("root/.ssh/authorized_keys")));
    const auto certificate = read_file(shown("local/pve-ssl.pem"));
    EXPECT_EQ(pvecm({"updatecerts", "-silent"}).out, "");
    EXPECT_EQ(read_file(shown("local/pve-ssl.pem")), certificate) << "nothing was missing";
    EXPECT_THAT(pvecm({"updatecerts", "--unmerge-known-hosts"}).err, HasSubstr("known hosts stay merged"));
    EXPECT_THAT(pvecm({"updatecerts", "-f"}).out, HasSubstr("generate new node certificate\n"));
    EXPECT_NE(read_file(shown("local/pve-ssl.pem")), certificate);
    EXPECT_EQ(read_file(shown("priv/pve-root-ca.srl")), "0000000000000002\n");
}

TEST_F(Program, SaysThatThereIsNoEngine) {
    const auto done = pvecm({"status"});
    EXPECT_EQ(done.err, "Corosync config '" + shown("corosync.conf") +
                            "' does not exist - is this node part of a cluster?\nCannot initialize CMAP service\n");
    EXPECT_EQ(done.status, 1);
    EXPECT_EQ(pvecm({"nodes"}).status, 1);
    EXPECT_EQ(pvecm({"expected", "1"}).status, 1);
}

TEST_F(Program, MakesAKeyOnce) {
    const std::string file = path("new/folder/key");
    EXPECT_EQ(pvecm({"keygen", file}).status, 0);
    EXPECT_GE(read_file(file)->size(), 128U);
    const auto again = pvecm({"keygen", file});
    EXPECT_EQ(again.err, fmt::format("key file '{}' already exists\n", file));
    EXPECT_EQ(again.status, 255);
}

TEST_F(Program, RefusesWhatNeedsACluster) {
    EXPECT_EQ(pvecm({"delnode", node}).err, "Cannot delete myself from cluster!\n");
    EXPECT_EQ(pvecm({"delnode", "other"}).err,
              "Corosync config '" + shown("corosync.conf") + "' does not exist - is this node part of a cluster?\n");
    EXPECT_EQ(pvecm({"apiver"}).out, "1\n");
}

TEST_F(Program, RemovesANodeWithAllItHas) {
    ASSERT_EQ(pvecm({"updatecerts"}).status, 0);
    write_file(shown("corosync.conf"), cluster_conf);
    std::filesystem::create_directories(shown("nodes/b/lxc"));
    write_file(shown("nodes/b/lxc/101.conf"), "cores: 1\n");
    const std::string keys = read_file(shown("priv/authorized_keys")).value_or("");
    write_file(shown("priv/authorized_keys"), keys + "ssh-rsa AAAAb root@b\n");
    write_file(shown("priv/known_hosts"), "b ssh-rsa AAAA\n10.9.8.8 ssh-rsa AAAA\nc ssh-rsa AAAA\n");
    EXPECT_THAT(pvecm({"delnode", "b", "--cleanup"}).err, HasSubstr("node 'b' still has guests: 101."));
    EXPECT_EQ(read_file(shown("corosync.conf")), cluster_conf);
    std::filesystem::remove(shown("nodes/b/lxc/101.conf"));
    const auto done = pvecm({"delnode", "b", "--cleanup"});
    EXPECT_EQ(done.status, 0) << done.err;
    EXPECT_EQ(read_file(shown("corosync.conf"))->find("name: b"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(shown("nodes/b")));
    EXPECT_EQ(read_file(shown("priv/authorized_keys")), keys);
    EXPECT_EQ(read_file(shown("priv/known_hosts")), "c ssh-rsa AAAA\n");
    // One that was removed without it.
    EXPECT_THAT(pvecm({"delnode", "b", "--cleanup"}).err, HasSubstr("Node/IP: b is not a known host"));
    std::filesystem::create_directories(shown("nodes/b"));
    EXPECT_EQ(pvecm({"delnode", "b", "--cleanup"}).status, 0);
    EXPECT_FALSE(std::filesystem::exists(shown("nodes/b")));
}

TEST_F(Program, RefusesASecondCluster) {
    write_file(shown("corosync.conf"), "totem {\n}\n");
    const auto create = pvecm({"create", "x"});
    EXPECT_EQ(create.err, "cluster config '" + shown("corosync.conf") + "' already exists\n");
    EXPECT_EQ(create.status, 255);
    const auto add = pvecm({"add", "192.0.2.1"});
    EXPECT_EQ(add.err, "detected the following error(s):\n* cluster config '" + shown("corosync.conf") +
                           "' already exists\nCheck if node may join a cluster failed!\n");
}

// A failure half way would leave a key, a configuration and a node that is no member of anything.
TEST_F(Program, ChecksEverythingBeforeItWrites) {
    ::setenv("PVECM_SERVICE_COROSYNC", "/no/such/engine", 1);
    const auto refused = [&](Words command, const std::string& why) {
        const auto done = pvecm(std::move(command));
        EXPECT_THAT(done.err, HasSubstr(why));
        EXPECT_EQ(done.status, 255);
        for (const auto& file : {shown("corosync.conf"), path("etc/corosync/authkey"), path("root/.ssh/id_rsa"),
                                 path("var/lib/pve-cluster/.pvecm_unfinished")})
            EXPECT_FALSE(std::filesystem::exists(file)) << file;
    };
    refused({"create", "x"}, "there is no program '/no/such/engine' for the service corosync");
    refused({"add", "192.0.2.1", "--force"}, "there is no program '/no/such/engine' for the service corosync");
    ::setenv("PVECM_SERVICE_COROSYNC", "true", 1);
    refused({"create", "x", "--ring0_addr", "192.0.2.2"},
            "ring0: cannot use IP '192.0.2.2', it must be configured exactly once on local node!\n"
            "Nothing is changed.");
    remove_file(path("etc/ssh/ssh_host_rsa_key.pub"));
    refused({"create", "x"}, "'ssh-keygen -A' makes the keys of this host");
    refused({"add", "192.0.2.1", "--force"}, "'ssh-keygen -A' makes the keys of this host");
}

TEST_F(Program, FindsWhatKeepsANodeFromJoining) {
    write_file(path("etc/corosync/authkey"), "key");
    ASSERT_EQ(pvecm({"updatecerts"}).status, 0);
    write_file(shown("local/qemu-server/100.conf"), "cores: 1\n");
    EXPECT_EQ(pvecm({"add", "192.0.2.1", "--ring0_addr", "192.0.2.2"}).err,
              fmt::format("detected the following error(s):\n* authentication key '{}' already exists\n"
                          "* this host already contains virtual guests\n"
                          "* ring0: cannot use IP '192.0.2.2', it must be configured exactly once on local node!\n\n"
                          "Check if node may join a cluster failed!\n",
                          path("etc/corosync/authkey")));
    EXPECT_THAT(pvecm({"add", "192.0.2.1", "--use_ssh", "0"}).err, HasSubstr("HTTPS API is not supported"));
}

TEST_F(Program, TellsItsAddressForMigration) {
    EXPECT_EQ(pvecm({"mtunnel", "-get_migration_ip"}).out, "no ip\n");
    EXPECT_EQ(pvecm({"mtunnel", "-get_migration_ip", "-migration_network", "10.9.0.0/16"}).out,
              fmt::format("ip: '{}'\n", address));
    write_file(shown("datacenter.cfg"), "migration: secure,network=10.9.8.0/24\n");
    EXPECT_EQ(pvecm({"mtunnel", "-get_migration_ip"}).out, fmt::format("ip: '{}'\n", address));
    const auto none = pvecm({"mtunnel", "-get_migration_ip", "-migration_network", "10.1.0.0/16"});
    EXPECT_EQ(none.err,
              "could not get migration ip: no IP address configured on local node for network '10.1.0.0/16'\n");
    EXPECT_EQ(none.out, "");
    EXPECT_NE(none.status, 0);
    run_captured({"ip", "address", "add", "10.9.9.9/24", "dev", "lo"});
    EXPECT_EQ(pvecm({"mtunnel", "-get_migration_ip", "-migration_network", "10.9.0.0/16"}).err,
              "could not get migration ip: multiple IP address configured for network '10.9.0.0/16'\n");
    EXPECT_EQ(pvecm({"mtunnel", "-get_migration_ip", "-run-command", "--", "true"}).err,
              "cannot use --run-command with --get_migration_ip\n");
    EXPECT_EQ(pvecm({"mtunnel", "-run-command"}).err, "missing command\n");
    EXPECT_EQ(pvecm({"mtunnel"}).out, "tunnel online\n");
}

TEST_F(Program, RunsACommandOnAConnection) {
    // The answer comes once the command has read the request.
    const auto done = run_captured(
        {"bash", "-c",
         fmt::format("coproc T {{ {} mtunnel -run-command -- sh -c 'read line; echo got $line'; }}; t=$T_PID; "
                     "read -u ${{T[0]}} ip; read -u ${{T[0]}} port; exec 3<>/dev/tcp/$ip/$port; echo hello >&3; "
                     "read -u 3 answer; echo $ip $port $answer; wait $t",
                     PVECM)});
    EXPECT_EQ(done.out, fmt::format("{} 60000 got hello\n", address)) << done.err;
    EXPECT_EQ(done.status, 0);
}

TEST_F(Program, ChecksAConfiguration) {
    EXPECT_EQ(pvecm({"config", "check"}).err, fmt::format("there is no '{}'\n", shown("corosync.conf")));
    const std::string file = path("new.conf");
    write_file(file, cluster_conf);
    EXPECT_EQ(pvecm({"config", "check", file}).out, file + ": fine\n");
    write_file(file, "totem {\n  version: two\n}\n");
    const auto wrong = pvecm({"config", "check", file});
    EXPECT_THAT(wrong.err, HasSubstr(file + ":2: Value of key"));
    EXPECT_EQ(wrong.status, 1);
    const auto json = pvecm({"config", "check", file, "--json"});
    EXPECT_THAT(json.out, HasSubstr("\"valid\": false"));
    EXPECT_EQ(json.status, 1);
    EXPECT_EQ(pvecm({"config", "diff", file}).status, 255) << "there is no cluster to compare with";
}

TEST_F(Program, ChecksTheSettingsOfTheDatacenter) {
    const std::string file = shown("datacenter.cfg");
    write_file(file, "keyboard: en-us\nmigration: secure\n");
    const auto fine = pvecm({"config", "check", file});
    EXPECT_EQ(fine.out, file + ": fine\n");
    EXPECT_THAT(fine.err, HasSubstr("'keyboard': not checked"));
    EXPECT_EQ(fine.status, 0);
    write_file(file, "max_workers: 0\n");
    const auto wrong = pvecm({"config", "check", file});
    EXPECT_THAT(wrong.err, HasSubstr("'max_workers': value must have a minimum value of 1\n"));
    EXPECT_EQ(wrong.status, 1);
    const auto asked = pvecm({"mtunnel", "-get_migration_ip"});
    EXPECT_EQ(asked.out, "no ip\n");
    EXPECT_EQ(asked.err, wrong.err);
}

TEST_F(Program, SaysWhatAFileWouldChange) {
    write_file(shown("corosync.conf"), cluster_conf);
    const std::string file = path("new.conf");
    write_file(file, cluster_conf);
    const auto same = pvecm({"config", "diff", file});
    EXPECT_EQ(same.out, "nothing is different\n");
    EXPECT_EQ(same.status, 0);
    write_file(file, cluster_conf + "logging {\n  debug: on\n}\n");
    const auto other = pvecm({"config", "diff", file});
    EXPECT_THAT(other.out, HasSubstr("\n+logging {\n+  debug: on\n+}\n"));
    EXPECT_THAT(other.out, HasSubstr("config_version 3 becomes 4\na: live\nb: live\n"));
    EXPECT_EQ(other.status, 1);
    // Nobody could say who takes it.
    EXPECT_NE(pvecm({"config", "apply", file, "--force"}).status, 0);
    EXPECT_EQ(read_file(shown("corosync.conf")), cluster_conf);
}

TEST_F(Program, KeepsWhatWasEditedWhenItIsWrong) {
    write_file(shown("corosync.conf"), cluster_conf);
    ::setenv("EDITOR", "true", 1);
    EXPECT_EQ(pvecm({"config", "edit"}).out, "nothing is different\n");
    ::setenv("EDITOR", "false", 1);
    EXPECT_THAT(pvecm({"config", "edit"}).err, HasSubstr("ended with 1: nothing is changed"));
    ::setenv("EDITOR", "sed -i s/10.9.8.8/10.9.8.7/", 1);
    const auto wrong = pvecm({"config", "edit"});
    ::unsetenv("EDITOR");
    EXPECT_THAT(wrong.err, HasSubstr("address '10.9.8.7' is of node 'a' and of node 'b'"));
    const auto begin = wrong.err.rfind("/var/tmp/corosync.conf.");
    ASSERT_NE(begin, std::string::npos) << wrong.err;
    const std::string kept = wrong.err.substr(begin, wrong.err.find('\'', begin) - begin);
    EXPECT_THAT(read_file(kept).value_or(""), HasSubstr("10.9.8.7\n  }\n}"));
    remove_file(kept);
    EXPECT_EQ(read_file(shown("corosync.conf")), cluster_conf);
}

TEST_F(Program, CountsVotesOfAFile) {
    const std::string file = path("new.conf");
    write_file(file, cluster_conf);
    const auto lost = pvecm({"quorum", "--config", file, "--if-down", "b"});
    EXPECT_EQ(lost.out,
              "now: 2 of 2 votes, quorum 2: quorate\nwithout b: 1 of 2 votes, quorum 2: not quorate\nleft: a\n"
              "'pvecm expected 1' there would make it quorate\n")
        << lost.err;
    EXPECT_EQ(lost.status, 2);
    EXPECT_EQ(pvecm({"quorum", "--config", file}).status, 0);
    EXPECT_EQ(pvecm({"quorum", "--config", file, "--if-down", "c"}).err, "there is no node 'c', but a, b\n");
    EXPECT_THAT(pvecm({"quorum", "--config", file, "--if-down", "b", "--json"}).out,
                HasSubstr("\"expected_to_set\": 1"));
}

TEST_F(Program, StartsGuestsInTheirOrder) {
    ASSERT_EQ(pvecm({"updatecerts"}).status, 0);
    std::filesystem::create_directories(shown("local/lxc"));
    const std::string log = path("started");
    write_file(path("etc/default/pvecm"),
               fmt::format("PVECM_START_VM=\"touch {0}-vm{{id}}\"\nPVECM_START_CT=\"touch {0}-ct{{id}}\"\n"
                           "PVECM_STATUS_VM=true\nPVECM_STATUS_CT=\"echo status: stopped\"\n",
                           log));
    write_file(shown("local/qemu-server/100.conf"), "onboot: 1\nlock: backup\nstartup: order=2,up=0\n");
    write_file(shown("local/qemu-server/101.conf"), "cores: 1\n");
    write_file(shown("local/lxc/102.conf"), "onboot: 1\nstartup: order=1\n");
    EXPECT_EQ(pvecm({"start-guests", "--plan"}).out, "CT 102\nVM 100\n");
    const auto done = pvecm({"start-guests"});
    EXPECT_EQ(done.out, "removed left over backup lock from '100'!\nStarting CT 102\nStarting VM 100\n") << done.err;
    EXPECT_EQ(done.status, 0);
    EXPECT_TRUE(std::filesystem::exists(log + "-ct102"));
    EXPECT_TRUE(std::filesystem::exists(log + "-vm100"));
    EXPECT_EQ(read_file(shown("local/qemu-server/100.conf")), "onboot: 1\nstartup: order=2,up=0\n");
    EXPECT_EQ(pvecm({"stop-guests", "--plan"}).out, "VM 101\nVM 100\nCT 102\n");
    // What the node and the cluster have set.
    write_file(shown("local/config"), "startall-onboot-delay: 1\n");
    write_file(shown("datacenter.cfg"), "max_workers: none\n");
    const auto delayed = pvecm({"start-guests"});
    EXPECT_THAT(delayed.out, testing::StartsWith("Delaying on-boot 'startall' command for 1 second(s).\nStarting CT"));
    EXPECT_THAT(delayed.err, HasSubstr("'max_workers': type check ('integer') failed - got 'none'"));
    std::filesystem::remove(shown("local/config"));
    // One that runs is left alone, and one that fails holds up nobody.
    write_file(path("etc/default/pvecm"),
               "PVECM_STATUS_CT=\"echo status: running\"\nPVECM_START_VM=false\nPVECM_STATUS_VM=true\n");
    const auto again = pvecm({"start-guests"});
    EXPECT_EQ(again.out, "Starting VM 100\n");
    EXPECT_THAT(again.err, HasSubstr("Starting VM 100 failed"));
    EXPECT_EQ(again.status, 1);
}

TEST_F(Program, MovesAGuestOnlyWhereItCanGo) {
    ASSERT_EQ(pvecm({"updatecerts"}).status, 0);
    write_file(shown("local/qemu-server/100.conf"), "cores: 1\n");
    EXPECT_EQ(pvecm({"move-guest", "100", node}).err, "target is local node.\n");
    EXPECT_EQ(pvecm({"move-guest", "100", "other"}).err, "no such cluster node 'other'\n");
    EXPECT_EQ(pvecm({"move-guest", "200", "other"}).err, "there is no guest 200 in the cluster\n");
    // Of a node that is gone.
    std::filesystem::create_directories(shown("nodes/gone/lxc"));
    write_file(shown("nodes/gone/lxc/101.conf"), "lock: migrate\n");
    EXPECT_EQ(pvecm({"move-guest", "101", node}).err, "CT 101 is locked (migrate)\n");
    write_file(shown("nodes/gone/lxc/101.conf"), "cores: 1\n");
    EXPECT_EQ(pvecm({"move-guest", "101", node}).out, fmt::format("CT 101 is on node '{}' now\n", node));
    EXPECT_EQ(read_file(shown("local/lxc/101.conf")), "cores: 1\n");
}

TEST_F(Program, SeparatesMembersOnly) {
    EXPECT_EQ(pvecm({"separate"}).err, "this node is in no cluster\n");
    EXPECT_THAT(pvecm({"separate", "--undo"}).err, HasSubstr("there is nothing to undo"));
}

// The others are only in its files, which is all that this node has to forget.
TEST_F(Program, SeparatesAMember) {
    ::setenv("CFSD_ROOT", path("").substr(0, path("").size() - 1).c_str(), 1);
    write_file(shown("mine"), "mine\n");
    write_file(shown("corosync.conf"), cluster_conf);
    write_file(path("etc/corosync/corosync.conf"), cluster_conf);
    write_file(path("etc/corosync/authkey"), "key");
    std::filesystem::create_directories(path("var/lib/corosync"));
    write_file(path("var/lib/corosync/ringid_1"), "12345678");
    const auto refused = pvecm({"separate"});
    EXPECT_THAT(refused.err, HasSubstr("* corosync does not answer"));
    EXPECT_THAT(refused.err, HasSubstr("Nothing is changed."));
    EXPECT_TRUE(std::filesystem::exists(path("etc/corosync/authkey")));

    const auto done = pvecm({"separate", "--force"});
    EXPECT_EQ(done.status, 0) << done.err;
    EXPECT_THAT(done.out, HasSubstr("'" + node + "' is separated.\n"));
    EXPECT_FALSE(std::filesystem::exists(shown("corosync.conf")));
    EXPECT_TRUE(std::filesystem::is_empty(path("etc/corosync")));
    EXPECT_TRUE(std::filesystem::is_empty(path("var/lib/corosync")));
    EXPECT_EQ(read_file(shown("mine")), "mine\n");
    EXPECT_EQ(read_file(path("var/lib/pve-cluster/before-separate/corosync/authkey")), "key");
    EXPECT_FALSE(std::filesystem::exists(path("var/lib/pve-cluster/.pvecm_unfinished")));
    write_file(shown("own"), "");
    EXPECT_THAT(pvecm({"separate"}).out, HasSubstr("- no member answers"));
    EXPECT_THAT(pvecm({"separate", "--undo"}).err, HasSubstr("no member answers"));
    run_captured({"sh", "-c", "kill $(cat " + path("run/pve-cluster.pid") + ")"});
    ::unsetenv("CFSD_ROOT");
}

}  // namespace
}  // namespace pvecm
