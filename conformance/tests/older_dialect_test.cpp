// Our nodes in the 2.x dialect, administered by our own tools with the texts that its administrators know, and by
// Debian's newer ones.
#include <fmt/format.h>

#include "conformance/tests/support.hpp"

namespace conformance {
namespace {

constexpr const char* kConfiguration = R"(totem {
    version: 2
    cluster_name: lab
    dialect: 2.x
    transport: udpu
    secauth: off
}
nodelist {
    node {
        ring0_addr: 10.77.0.1
        nodeid: 1
    }
    node {
        ring0_addr: 10.77.0.2
        nodeid: 2
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
        set_up("TT", plan, false);
        if (!ready()) return;
        for (const auto node : laboratory().all())
            laboratory().configure(node, kConfiguration);
        laboratory().start(laboratory().all());
        laboratory().wait_ring(laboratory().all());
    }
    std::string tool(const lab::Arguments& words, int status = 0) {
        const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / words.front();
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

}  // namespace
}  // namespace conformance
