// Whole daemons, each on a thread in a network namespace of its own: they form a ring, and end as told.

#include "engine/daemon/daemon.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>

#include "tests/daemon/log_recorder.hpp"
#include "tests/net/namespaces.hpp"
#include "tests/support/temporary_directory.hpp"
#include "totem/wire/derivation.hpp"

namespace daemontest {
namespace {

using engine::config::ClusterConfig;
using testnet::Namespaces;
using totem::Dialect;
using totem::test::TemporaryDirectory;

totem::NodeAddress at(const std::string& text, totem::NodeId nodeid) {
    return *totem::wire::parse_address(text, nodeid);
}

struct Setting {
    const char* name;
    Dialect dialect;
    engine::config::Transport transport;
};

class RunningNode {
public:
    RunningNode(Namespaces& net, Namespaces::Side side, ClusterConfig config) {
        config.state_dir = state_.path();
        daemon_ = std::make_unique<engine::Daemon>(engine::DaemonSetup{
            .config = std::move(config), .log = log_, .ready = [this] { ++ready_; }, .serve_clients = false});
        code_ = std::async(std::launch::async, [this, &net, side] {
            net.enter(side);
            return daemon_->run();
        });
    }
    ~RunningNode() {
        if (code_.valid()) stop();
    }
    int stop() {
        daemon_->request_shutdown("");
        return wait();
    }
    int wait() { return code_.get(); }

    LogRecorder& log() { return log_; }
    std::string state_file(const std::string& name) const { return state_.path() + "/" + name; }
    unsigned ready() const { return ready_; }

private:
    TemporaryDirectory state_;
    LogRecorder log_;
    std::atomic<unsigned> ready_{0};
    std::unique_ptr<engine::Daemon> daemon_;
    std::future<int> code_;
};

class DaemonTest : public ::testing::TestWithParam<Setting> {
protected:
    void SetUp() override {
        try {
            net_ = std::make_unique<Namespaces>();
        } catch (const std::runtime_error& error) {
            GTEST_SKIP() << "NOT TESTED, no network namespaces here: " << error.what();
        }
    }

    ClusterConfig config(unsigned node, std::uint64_t config_version = 0) const {
        ClusterConfig out;
        out.dialect = GetParam().dialect;
        out.transport = GetParam().transport;
        out.config_version = config_version;
        for (unsigned i : {1u, 2u}) {
            engine::config::Node member;
            member.nodeid = i;
            member.address.push_back(at("10.77.0." + std::to_string(i), i));
            out.nodes.push_back(member);
        }
        engine::config::Interface interface;
        interface.bindnetaddr = at("10.77.0." + std::to_string(node), 0);
        interface.group = at("239.192.3.20", 0);
        out.interfaces.push_back(interface);
        out.local_node = node - 1;
        out.local_nodeid = node;
        out.settings.token = 500;
        out.parameters = totem::srp::derive(out.settings, out.dialect, 2);
        return out;
    }

    std::unique_ptr<Namespaces> net_;
};

const std::string kSynchronized = "Completed service synchronization, ready to provide service.";

TEST_P(DaemonTest, TwoFormARingAndOneLeavesIt) {
    RunningNode a(*net_, Namespaces::Side::a, config(1));
    ASSERT_NE(a.log().wait_for(kSynchronized), 0u) << a.log().all();
    EXPECT_TRUE(a.log().has("Members joined: 1"));
    RunningNode b(*net_, Namespaces::Side::b, config(2));
    std::size_t formed = a.log().wait_for("Members joined: 2");
    ASSERT_NE(formed, 0u) << a.log().all();
    ASSERT_NE(a.log().wait_for(kSynchronized, formed), 0u) << a.log().all();
    ASSERT_NE(b.log().wait_for("Members joined: 1"), 0u) << b.log().all();
    EXPECT_EQ(a.ready(), 1u);
    if (GetParam().dialect == Dialect::v3) {
        EXPECT_TRUE(a.log().has("Sync members[2]: 1 2")) << a.log().all();
    }

    EXPECT_EQ(b.stop(), 0);
    EXPECT_TRUE(b.log().has("Unloading all Corosync service engines."));
    EXPECT_TRUE(b.log().has("Service engine unloaded: corosync configuration map access"));
    std::size_t left = a.log().wait_for("Members left: 2", formed);
    ASSERT_NE(left, 0u) << a.log().all();
    EXPECT_TRUE(a.log().wait_for(kSynchronized, left));
    EXPECT_FALSE(a.log().has("Failed to receive the leave message")) << a.log().all();
    EXPECT_FALSE(a.log().has("A processor failed")) << a.log().all();
    EXPECT_EQ(a.stop(), 0);

    std::string name = GetParam().dialect == Dialect::v2 ? "ringid_10.77.0.1" : "ringid_1";
    std::uint64_t seq = 0;
    std::ifstream file(a.state_file(name), std::ios::binary);
    file.read(reinterpret_cast<char*>(&seq), sizeof(seq));
    EXPECT_GE(seq, 13u) << "alone, together, alone again: three rings";
}

TEST_P(DaemonTest, OlderConfigurationGoes) {
    RunningNode a(*net_, Namespaces::Side::a, config(1, 5));
    ASSERT_NE(a.log().wait_for(kSynchronized), 0u) << a.log().all();
    RunningNode b(*net_, Namespaces::Side::b, config(2, 7));
    EXPECT_EQ(a.wait(), 0);
    EXPECT_TRUE(a.log().has("Received config version (7) is different than my config version (5)! Exiting"))
        << a.log().all();
    ASSERT_NE(b.log().wait_for("Members left: 1"), 0u) << b.log().all();
}

INSTANTIATE_TEST_SUITE_P(Settings, DaemonTest,
                         ::testing::Values(Setting{"UdpuNew", Dialect::v3, engine::config::Transport::udpu},
                                           Setting{"UdpNew", Dialect::v3, engine::config::Transport::udp},
                                           Setting{"UdpuOld", Dialect::v2, engine::config::Transport::udpu},
                                           Setting{"UdpOld", Dialect::v2, engine::config::Transport::udp}),
                         [](const auto& test) { return std::string(test.param.name); });

class StartUp : public DaemonTest {};

TEST_P(StartUp, AddressOfAnotherHostIsRefused) {
    ClusterConfig wrong = config(1);
    wrong.interfaces[0].bindnetaddr = at("192.0.2.1", 0);
    RunningNode node(*net_, Namespaces::Side::a, wrong);
    EXPECT_EQ(node.wait(), engine::exit_code::kTotem);
    EXPECT_TRUE(node.log().has("No interface of this host that is up has the address 192.0.2.1."));
}

TEST_P(StartUp, UnwritableStateDirectoryIsExitTwentyOne) {
    // A directory in the place of the file: unwritable for root, too.
    LogRecorder log;
    TemporaryDirectory state;
    std::filesystem::create_directory(state.path() + "/ringid_1");
    ClusterConfig settings = config(1);
    settings.state_dir = state.path();
    net_->enter(Namespaces::Side::a);
    engine::Daemon daemon({.config = settings, .log = log, .serve_clients = false});
    EXPECT_EQ(daemon.run(), engine::exit_code::kStoreRingId);
    EXPECT_TRUE(log.has("/ringid_1")) << log.all();
}

TEST_P(StartUp, LosingTheStateDirectoryIsExitTwentyOne) {
    RunningNode a(*net_, Namespaces::Side::a, config(1));
    // The last thing it writes there.
    ASSERT_NE(a.log().wait_for("Change 1: This node started"), 0u) << a.log().all();
    std::filesystem::remove_all(a.state_file(""));
    RunningNode b(*net_, Namespaces::Side::b, config(2));  // the ring it forms can't be stored
    EXPECT_EQ(a.wait(), engine::exit_code::kStoreRingId);
    EXPECT_TRUE(a.log().has("No such file or directory")) << a.log().all();
}

TEST_P(StartUp, SignalsDumpStateAndEndTheNode) {
    RunningNode node(*net_, Namespaces::Side::a, config(1));
    ASSERT_NE(node.log().wait_for(kSynchronized), 0u) << node.log().all();
    ASSERT_EQ(::kill(::getpid(), SIGUSR2), 0);
    EXPECT_NE(node.log().wait_for("state OPERATIONAL ring 1.5 members: 1"), 0u) << node.log().all();
    ASSERT_EQ(::kill(::getpid(), SIGTERM), 0);
    EXPECT_EQ(node.wait(), 0);
    EXPECT_TRUE(node.log().has("Node was shut down by a signal"));
}

TEST_P(StartUp, ShutdownRequestedBeforeTheRunCounts) {
    LogRecorder log;
    TemporaryDirectory state;
    ClusterConfig settings = config(1);
    settings.state_dir = state.path();
    net_->enter(Namespaces::Side::a);
    engine::Daemon daemon({.config = settings, .log = log, .serve_clients = false});
    daemon.request_shutdown("enough", 3);
    EXPECT_EQ(daemon.run(), 3);
    EXPECT_TRUE(log.has("enough"));
}

INSTANTIATE_TEST_SUITE_P(Settings, StartUp,
                         ::testing::Values(Setting{"UdpuNew", Dialect::v3, engine::config::Transport::udpu}),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace daemontest
