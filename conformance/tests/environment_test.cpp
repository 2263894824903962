// A bad environment: totemd must say what is wrong and end or wait just as a real corosync does, never crash.
#include <fmt/format.h>

#include "conformance/tests/support.hpp"

namespace conformance {
namespace {

// What became of a daemon that was started in a bad environment.
struct Fate {
    bool running = false;
    int code = 0;
    std::string log;
};

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
        text.replace(at, what.size(), with);
    }
    return text;
}

class EnvironmentTest : public MixedRingTest {
protected:
    // Runs node 1 until it ends or `limit` is over.
    Fate fate(milliseconds limit) {
        laboratory().start(1);
        lab::wait_for_end(laboratory().manifest().nodes[0].daemon, limit);
        Fate result{laboratory().running(1), laboratory().exit_code(1).value_or(0), laboratory().log(1).text()};
        EXPECT_LT(result.code, 128) << "killed by a signal:\n" << result.log;
        return result;
    }

    void expect_end(int code, const std::string& text) {
        const auto result = fate(milliseconds(10000));
        EXPECT_FALSE(result.running) << result.log;
        EXPECT_EQ(result.code, code) << result.log;
        EXPECT_NE(result.log.find(text), std::string::npos) << result.log;
    }

    std::string configuration() { return lab::read_file(laboratory().node_directory(1) / "etc/corosync.conf"); }
};

TEST_P(EnvironmentTest, NoNodeOfTheListIsThisHost) {
    set_up(GetParam().mix, plan(), false);
    if (!ready()) return;
    laboratory().configure(1, replaced(replaced(configuration(), "10.77.0.", "10.99.0."), "name: node", "name: other"));
    expect_end(8, "No valid name found for local host");
}

TEST_P(EnvironmentTest, AddressOfThisNodeIsNotOnTheHost) {
    set_up(GetParam().mix, plan(), false);
    if (!ready()) return;
    laboratory().configure(1, replaced(configuration(), "10.77.0.1\n", "10.99.0.1\n"));
    if (GetParam().transport == Transport::udpu) {
        return expect_end(15, "One of your ip addresses are now bound to localhost");
    }
    // Multicast waits for the address, alone.
    const auto result = fate(milliseconds(3000));
    EXPECT_TRUE(result.running) << result.log;
    const auto ring = laboratory().ring(1);
    EXPECT_TRUE(!ring || ring->members == Nodes{1});
}

TEST_P(EnvironmentTest, PortIsTaken) {
    set_up(GetParam().mix, plan(), false);
    if (!ready()) return;
    // Without the options that would let others share the port.
    const auto taker = open_socket(laboratory(), 1, 5405);
    const auto result = fate(milliseconds(20000));
    EXPECT_FALSE(result.running) << "runs without its port:\n" << result.log;
    EXPECT_NE(result.code, 0);
    EXPECT_NE(result.log.find("Address already in use"), std::string::npos) << result.log;
}

TEST_P(EnvironmentTest, NoStateDirectory) {
    set_up(GetParam().mix, plan(), false);
    if (!ready()) return;
    laboratory().configure(1, replaced(configuration(), "system {\n", "system {\n    state_dir: /nowhere\n"));
    const auto result = fate(milliseconds(10000));
    EXPECT_FALSE(result.running) << result.log;
    EXPECT_NE(result.code, 0);
    EXPECT_NE(result.log.find("/nowhere"), std::string::npos) << result.log;
}

TEST_P(EnvironmentTest, ConfigurationIsBroken) {
    set_up(GetParam().mix, plan(), false);
    if (!ready()) return;
    laboratory().configure(1, configuration() + "totem {\n");
    expect_end(8, "Missing closing brace");
}

TEST_P(EnvironmentTest, SecondInstance) {
    set_up(GetParam().mix, plan(), false);
    if (!ready()) return;
    laboratory().start(1);
    laboratory().wait_ring({1});
    const auto& record = laboratory().manifest().nodes[0];
    const auto second = laboratory().run(1, lab::daemon_command(record.kind, record.program, false));
    EXPECT_EQ(second.status, 18) << second.err;
    EXPECT_NE(second.err.find("Another Corosync instance is already running."), std::string::npos) << second.err;
    EXPECT_TRUE(laboratory().running(1));
    EXPECT_TRUE(laboratory().has_ring({1}));
}

INSTANTIATE_TEST_SUITE_P(Mix, EnvironmentTest,
                         testing::ValuesIn(cases({"TC", "CC"}, {Transport::udp, Transport::udpu})), case_name);

}  // namespace
}  // namespace conformance
