// Our nodes in the 2.x dialect, administered by our own tools with the texts that its administrators know and by
// Debian's newer ones; and in one protected ring with a real 2.x corosync, where one is at hand.
#include <fmt/format.h>

#include "conformance/tests/support.hpp"

namespace conformance {
namespace {

constexpr const char* kTotem = R"(totem {
    version: 2
    cluster_name: lab
    dialect: 2.x
    transport: udpu
)";
constexpr const char* kRest = R"(}
nodelist {
    node {
        ring0_addr: 10.77.0.1
        nodeid: 1
    }
    node {
        ring0_addr: 10.77.0.2
        nodeid: 2
    }
    node {
        ring0_addr: 10.77.0.3
        nodeid: 3
    }
}
quorum {
    provider: corosync_votequorum
}
logging {
    to_stderr: yes
    to_syslog: no
    timestamp: on
}
)";

class OlderDialectTest : public RingTest {
protected:
    void SetUp() override {
        lab::Plan plan;
        plan.transport = Transport::udpu;
        set_up("TTT", plan, false);
        if (!ready()) return;
        for (const auto node : laboratory().all())
            laboratory().configure(node, std::string(kTotem) + "secauth: off\n" + kRest);
        laboratory().start(laboratory().all());
        laboratory().wait_ring(laboratory().all());
    }
    std::string tool(const lab::Arguments& words, int status = 0) {
        const auto program = lab::beside_us(words.front());
        lab::Arguments command = words;
        command.front() = program.string();
        const auto done = laboratory().run(1, command);
        EXPECT_EQ(done.status, status) << lab::join(words) << ": " << done.err;
        return done.out;
    }
};

TEST_F(OlderDialectTest, CfgtoolShowsAndReenablesRings) {
    if (!ready()) return;
    const std::string head = "Printing ring status.\nLocal node ID 1\n";
    const std::string ring = "RING ID 0\n\tid\t= 10.77.0.1\n\tstatus\t= ring 0 active with no faults\n";
    EXPECT_EQ(tool({"totem-cfgtool", "-s"}), head + ring);
    EXPECT_EQ(tool({"totem-cfgtool", "-s", "-i", "10.77.0.1"}), head + ring);
    EXPECT_EQ(tool({"totem-cfgtool", "-s", "-i", "10.77.0.9"}), head);
    EXPECT_EQ(tool({"totem-cfgtool", "-r"}), "Re-enabling all failed rings.\n");
    laboratory().kill(1);
    EXPECT_EQ(tool({"totem-cfgtool", "-s"}, 1), "");
}

TEST_F(OlderDialectTest, DebiansToolsWorkAgainstIt) {
    if (!ready()) return;
    const auto status = laboratory().run(1, {"corosync-quorumtool", "-s"});
    EXPECT_EQ(status.status, 0) << status.err;
    EXPECT_NE(status.out.find("Quorate:          Yes"), std::string::npos) << status.out;
    EXPECT_EQ(laboratory().run(1, {"corosync-cmapctl", "-g", "totem.dialect"}).out, "totem.dialect (str) = 2.x\n");
    EXPECT_EQ(laboratory().run(1, {"corosync-cpgtool"}).status, 0);
}

class OlderRingTest : public RingTest,
                      public testing::WithParamInterface<std::tuple<const char*, Transport, const char*>> {};

TEST_P(OlderRingTest, FormsFloodsSplitsAndMerges) {
    const auto& [mix, transport, secauth] = GetParam();
    lab::Plan plan;
    plan.transport = transport;
    plan.totem["dialect"] = "2.x";
    plan.totem["secauth"] = secauth;
    set_up(mix, plan, false);
    if (!ready()) return;
    const auto nodes = laboratory().all();
    for (const auto node : nodes)
        laboratory().give_key(node, 'k');
    laboratory().start(nodes);
    laboratory().wait_ring(nodes);
    flood_all(nodes, 300, small_sizes);
    lose_and_regain_the_last();
    flood_all(nodes, 100, wide_sizes);
}

std::string ring_name(const testing::TestParamInfo<OlderRingTest::ParamType>& param) {
    const auto& [mix, transport, secauth] = param.param;
    return fmt::format("{}_{}_secauth_{}", mix, lab::to_string(transport), secauth);
}
INSTANTIATE_TEST_SUITE_P(Mix, OlderRingTest,
                         testing::Combine(testing::Values("TTT", "TTK", "KKT", "TTTKK", "KTKTT"),
                                          testing::Values(Transport::udp, Transport::udpu),
                                          testing::Values("off", "on")),
                         ring_name);

// Cipher and hash; both empty: what secauth means by itself.
using Suite = std::pair<const char*, const char*>;

class ProtectionTest : public RingTest, public testing::WithParamInterface<std::tuple<const char*, Suite>> {
protected:
    void SetUp() override {
        lab::Plan plan;
        plan.transport = Transport::udpu;
        const auto& [mix, suite] = GetParam();
        set_up(mix, plan, false);
        if (!ready()) return;
        std::string totem = std::string(kTotem) + "secauth: on\n";
        const auto [cipher, hash] = suite;
        if (*cipher != 0) totem += fmt::format("crypto_cipher: {}\ncrypto_hash: {}\n", cipher, hash);
        for (const auto node : laboratory().all()) {
            laboratory().configure(node, totem + kRest);
            laboratory().give_key(node, 'k');
        }
    }
};

TEST_P(ProtectionTest, OnlyWhoHasTheKeyJoins) {
    if (!ready()) return;
    laboratory().give_key(3, 'x');
    laboratory().start(Nodes{1, 2});
    laboratory().wait_ring({1, 2});
    const auto marks = log_marks();
    laboratory().start(3);
    ASSERT_TRUE(laboratory().log(3).wait_for("Completed service synchronization", milliseconds(10000)));
    ASSERT_TRUE(laboratory().log(1).wait_for("Digest does not match", milliseconds(10000)));
    ASSERT_TRUE(laboratory().log(3).wait_for("Digest does not match", milliseconds(10000)));
    flood_all({1, 2}, 300, small_sizes);
    EXPECT_EQ(count_in_logs("A new membership", {{1, marks.at(1)}, {2, marks.at(2)}}), 0u);

    laboratory().stop(3);
    laboratory().give_key(3, 'k');
    laboratory().start(3);
    laboratory().wait_ring({1, 2, 3});
    flood_all({1, 2, 3}, 300, wide_sizes);
}

std::string suite_name(const testing::TestParamInfo<ProtectionTest::ParamType>& param) {
    const auto& [mix, suite] = param.param;
    return *suite.first == 0 ? fmt::format("{}_secauth", mix) : fmt::format("{}_{}_{}", mix, suite.first, suite.second);
}
INSTANTIATE_TEST_SUITE_P(Suites, ProtectionTest,
                         testing::Combine(testing::Values("TTT", "TTK", "KTT"),
                                          testing::Values(Suite{"", ""}, Suite{"none", "sha256"}, Suite{"3des", "md5"},
                                                          Suite{"aes192", "sha384"}, Suite{"aes128", "sha512"},
                                                          Suite{"aes256", "sha256"})),
                         suite_name);

}  // namespace
}  // namespace conformance
