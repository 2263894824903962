// Debian's quorum device: its daemon beside our engine, and an arbiter on a third host that gives its vote to one half.
#include <fcntl.h>

#include <map>
#include <regex>

#include "conformance/tests/support.hpp"

namespace conformance {
namespace {

constexpr unsigned kArbiter = 3;  // runs no engine

class QdeviceTest : public RingTest, public testing::WithParamInterface<const char*> {
protected:
    void start() {
        lab::Plan plan;
        plan.transport = Transport::udpu;
        set_up(GetParam(), plan, false);
        if (!ready()) return;
        for (const unsigned node : members)
            use_device(node);
        program(kArbiter, {"corosync-qnetd", "-f", "-s", "off"}, "/run/corosync-qnetd");
        laboratory().start(members);
        laboratory().wait_ring(members);
        for (const unsigned node : members)
            program(node, {"corosync-qdevice", "-f"}, "/run/corosync-qdevice");
    }
    void TearDown() override {
        programs_.clear();  // while their hosts are still there
        RingTest::TearDown();
    }

    void program(unsigned node, const lab::Arguments& command, const std::string& directory) {
        ASSERT_EQ(laboratory().run(node, {"mkdir", "-p", directory}).status, 0);
        const auto log = laboratory().node_directory(node) / "log" / command.front();
        const auto out = lab::open_file(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
        programs_[node] = laboratory().spawn(node, command, {.out = out.get(), .err = out.get()});
    }

    std::string status(unsigned node) { return laboratory().run(node, {"corosync-quorumtool", "-s"}).out; }
    // Until these nodes all say it.
    void await(const Nodes& nodes, const std::string& part) {
        for (const unsigned node : nodes) {
            EXPECT_TRUE(
                lab::wait_until(milliseconds(40000), [&] { return status(node).find(part) != std::string::npos; }))
                << "node " << node << " does not say " << part << "\n"
                << status(node);
        }
    }
    void expect_alike() { EXPECT_EQ(without_own(status(members[0])), without_own(status(members[1]))); }

    const Nodes members = {1, 2};
    std::map<unsigned, lab::Process> programs_;

private:
    // The node list without the arbiter, and the device.
    void use_device(unsigned node) {
        std::string text = lab::read_file(laboratory().node_directory(node) / "etc/corosync.conf");
        text = std::regex_replace(text, std::regex(" *node \\{[^}]*nodeid: 3\n[^}]*\\}\n"), "");
        text = std::regex_replace(text, std::regex("provider: corosync_votequorum\n"),
                                  "$&    device {\n        model: net\n        votes: 1\n        net {\n"
                                  "            host: 10.77.0.3\n            tls: off\n            algorithm: ffsplit\n"
                                  "        }\n    }\n");
        ASSERT_EQ(text.find("nodeid: 3"), std::string::npos);
        ASSERT_NE(text.find("host: 10.77.0.3"), std::string::npos);
        laboratory().configure(node, text);
    }
};

TEST_P(QdeviceTest, TheArbiterKeepsOneHalfQuorate) {
    start();
    if (!ready()) return;
    await(members, "Total votes:      3");
    await(members, "Flags:            Quorate Qdevice");
    expect_alike();

    laboratory().cut_both(1, 2);
    await({2}, "Activity blocked");
    await({1}, "Total votes:      2");
    EXPECT_NE(status(1).find("Quorate:          Yes"), std::string::npos) << status(1);
    laboratory().heal();
    laboratory().wait_ring(members);
    await(members, "Total votes:      3");
    expect_alike();

    laboratory().kill(2);
    await({1}, "Total votes:      2");
    EXPECT_NE(status(1).find("Quorate:          Yes"), std::string::npos) << status(1);

    // Without its device, half of the votes are not enough.
    programs_[1].signal(SIGTERM);
    EXPECT_EQ(programs_[1].wait(milliseconds(20000)), 0);
    await({1}, "Activity blocked");
}

INSTANTIATE_TEST_SUITE_P(Mix, QdeviceTest, testing::Values("TTT", "TCT", "CTT"),
                         [](const auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace conformance
