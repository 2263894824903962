// cfsd over the ring: one configuration file system on all nodes, over our engine, over corosync, and over both in one
// ring; the clients' libraries are Debian's.
#include <fcntl.h>
#include <fmt/format.h>

#include <csignal>

#include "conformance/tests/support.hpp"

namespace conformance {
namespace {

class CfsTest : public MixedRingTest {
protected:
    void SetUp() override {
        lab::Plan ring = plan();
        ring.totem["config_version"] = "1";
        ring.totem["token"] = "1000";
        set_up(GetParam().mix, ring);
        if (!ready()) return;
        for (const auto node : laboratory().all())
            start_cfsd(node);
        for (const auto node : laboratory().all()) {
            EXPECT_TRUE(lab::wait_until(milliseconds(30000), [&] { return online(node) == laboratory().size(); }))
                << "node " << node << ":\n"
                << said(node);
            expect_writable(node);
        }
    }
    std::filesystem::path root(unsigned node) { return laboratory().node_directory(node) / "cfs"; }
    std::string said(unsigned node) { return lab::read_file(root(node) / "log"); }

    void start_cfsd(unsigned node) {
        for (const char* folder : {"var/lib", "run", "etc/corosync"})
            std::filesystem::create_directories(root(node) / folder);
        std::string hosts = "127.0.0.1 localhost\n";
        for (const auto each : laboratory().all())
            hosts += fmt::format("{} {}\n", lab::node_address(each, lab::Family::ipv4), lab::node_name(each));
        lab::write_file(root(node) / "hosts", hosts);
        if (!std::filesystem::exists(root(node) / "etc/corosync/corosync.conf"))
            std::filesystem::copy_file(laboratory().node_directory(node) / "etc/corosync.conf",
                                       root(node) / "etc/corosync/corosync.conf");
        lab::Process::Streams streams;
        const auto log = lab::open_file(root(node) / "log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC);
        streams.out = streams.err = log.get();
        daemons_[node] = laboratory().spawn(
            node,
            {"sh", "-c",
             fmt::format("mountpoint -q /etc/hosts || mount --bind {0}/hosts /etc/hosts; CFSD_ROOT={0} exec {1} -f",
                         root(node).string(), lab::beside_us("cfsd").string())},
            streams);
    }
    // A shell in the file system of a node.
    lab::Finished shell(unsigned node, const std::string& script) {
        return laboratory().run(node, {"sh", "-c", fmt::format("cd {}/etc/pve && {}", root(node).string(), script)},
                                milliseconds(60000));
    }
    std::string output(unsigned node, const std::string& script) {
        const auto done = shell(node, script);
        EXPECT_EQ(done.status, 0) << "node " << node << ": " << script << ": " << done.err;
        return done.out;
    }
    std::size_t online(unsigned node) {
        const auto members = shell(node, "cat .members").out;
        std::size_t count = 0;
        for (std::size_t at = 0; (at = members.find("\"online\": 1", at)) != std::string::npos; ++at)
            ++count;
        return count;
    }
    void expect_writable(unsigned node) {
        EXPECT_TRUE(
            lab::wait_until(milliseconds(30000), [&] { return shell(node, "touch corosync.conf").status == 0; }))
            << "node " << node << ":\n"
            << said(node);
    }
    // Names and contents of all that is in the tree.
    std::string listing(unsigned node) {
        return output(node,
                      "find . -mindepth 1 -not -path './.*' -not -type l | LC_ALL=C sort | while read -r name; do "
                      "if [ -d \"$name\" ]; then echo \"$name/\"; else echo \"$name $(md5sum < \"$name\")\"; fi; done");
    }
    void expect_same_everywhere() {
        const auto first = listing(1);
        for (const auto node : laboratory().all())
            EXPECT_EQ(listing(node), first) << "node " << node;
    }
    void stop_cfsd(unsigned node) {
        daemons_[node].signal(SIGTERM);
        shell(node, "true");
        EXPECT_TRUE(lab::wait_until(milliseconds(10000), [&] {
            return said(node).find("exit proxmox configuration filesystem (0)") != std::string::npos;
        })) << said(node);
    }
    void TearDown() override {
        for (auto& [node, daemon] : daemons_)
            daemon.end();
        RingTest::TearDown();
    }

    std::map<unsigned, lab::Process> daemons_;
};

TEST_P(CfsTest, OneTreeOnAllNodes) {
    if (!ready()) return;
    output(1, "mkdir -p nodes/node1/qemu-server nodes/node2/lxc nodes/node3 priv/lock deep/er/and/deeper");
    output(1, "echo 'memory: 512' > nodes/node1/qemu-server/100.conf");
    EXPECT_EQ(output(2, "cat nodes/node1/qemu-server/100.conf"), "memory: 512\n");
    EXPECT_NE(shell(3, "echo other > nodes/node2/lxc/100.conf").err.find("File exists"), std::string::npos);
    output(3, "mv nodes/node1/qemu-server/100.conf nodes/node2/lxc/100.conf");
    EXPECT_EQ(output(1, "cat nodes/node2/lxc/100.conf"), "memory: 512\n");
    EXPECT_NE(output(1, "cat .vmlist").find(R"("100": { "node": "node2", "type": "lxc")"), std::string::npos);
    output(2, "seq 1 90000 | head -c 524288 > large && seq 1 1000 > deep/er/and/deeper/file");
    EXPECT_NE(shell(2, "head -c 524289 /dev/zero > larger").err.find("File too large"), std::string::npos);
    output(1, "truncate -s 1000 large && printf tail >> large && printf head | dd of=large conv=notrunc 2>/dev/null");
    output(3, "mkdir priv/lock/one && touch -d @1500000000 deep");
    EXPECT_NE(shell(1, "mkdir priv/lock/one").err.find("File exists"), std::string::npos);
    EXPECT_EQ(output(2, "stat -c %Y deep"), "1500000000\n");
    // Everybody at once.
    std::vector<std::thread> writers;
    for (const auto node : laboratory().all()) {
        writers.emplace_back([this, node] {
            output(node, fmt::format("for i in $(seq 1 40); do echo {0}-$i > w{0}-$((i % 7)).tmp && "
                                     "mv w{0}-$((i % 7)).tmp w{0}-$((i % 7)); done",
                                     node));
        });
    }
    for (auto& writer : writers)
        writer.join();
    output(2, "rm deep/er/and/deeper/file && rmdir deep/er/and/deeper priv/lock/one");
    expect_same_everywhere();
    std::string expected = "./corosync.conf";
    EXPECT_TRUE(listing(1).starts_with(expected)) << listing(1);
    EXPECT_EQ(output(1, "cat large | wc -c"), "1004\n");
    EXPECT_EQ(output(3, "cat w2-5"), "2-40\n");
    const auto version = [this](unsigned node) { return output(node, "grep -c . corosync.conf"); };
    EXPECT_EQ(version(1), version(3));
}

TEST_P(CfsTest, WithoutQuorumItIsReadOnlyAndComesBack) {
    if (!ready()) return;
    output(1, "echo before > file");
    const Nodes others = {2, 3};
    laboratory().kill(others);
    EXPECT_TRUE(lab::wait_until(milliseconds(30000), [&] {
        return shell(1, "echo refused > file").err.find("Permission denied") != std::string::npos;
    })) << said(1);
    EXPECT_EQ(output(1, "cat file"), "before\n");
    laboratory().start(others);
    for (const auto node : laboratory().all())
        expect_writable(node);
    output(3, "echo after > file");
    EXPECT_EQ(output(1, "cat file"), "after\n");
    expect_same_everywhere();
}

TEST_P(CfsTest, KilledAndRestartedItCatchesUp) {
    if (!ready()) return;
    output(1, "mkdir d && echo one > d/file && echo gone > other");
    daemons_[3].end();
    output(1, "echo two > d/file && rm other && for i in $(seq 1 50); do echo $i > d/$i; done");
    start_cfsd(3);
    EXPECT_TRUE(lab::wait_until(milliseconds(30000), [&] { return online(3) == laboratory().size(); })) << said(3);
    expect_writable(3);
    EXPECT_EQ(output(3, "cat d/file d/50"), "two\n50\n");
    expect_same_everywhere();
    for (const auto node : laboratory().all())
        stop_cfsd(node);
}

INSTANTIATE_TEST_SUITE_P(Mix, CfsTest,
                         testing::Values(Case{"TTT", Transport::udpu}, Case{"TCT", Transport::udpu},
                                         Case{"CCC", Transport::udpu}),
                         case_name);

}  // namespace
}  // namespace conformance
