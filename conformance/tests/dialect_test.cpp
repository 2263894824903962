// A configuration that both dialects take: our nodes listen, and join what they hear.
#include <fmt/format.h>

#include "conformance/tests/support.hpp"

namespace conformance {
namespace {

class DialectTest : public MixedRingTest {
protected:
    void SetUp() override {
        set_up(GetParam().mix, plan(), false);
        if (!ready()) return;
        for (const auto node : laboratory().all())
            laboratory().configure(node, configuration());
    }
    std::string configuration() {
        std::string text =
            fmt::format("totem {{\n version: 2\n cluster_name: lab\n secauth: off\n transport: {}\n}}\nnodelist {{\n",
                        to_string(GetParam().transport));
        for (const auto node : laboratory().all()) {
            text += fmt::format(" node {{\n  ring0_addr: {}\n  nodeid: {}\n }}\n",
                                lab::node_address(node, lab::Family::ipv4), node);
        }
        return text +
               "}\nquorum {\n provider: corosync_votequorum\n}\nlogging {\n to_stderr: yes\n to_syslog: no\n "
               "timestamp: on\n}\n";
    }
    // What the daemon of the last node speaks; its letter says so.
    std::string spoken() const { return GetParam().mix.back() == 'K' ? "2.x" : "3.x"; }
};

TEST_P(DialectTest, JoinsWhatItHears) {
    if (!ready()) return;
    const auto nodes = laboratory().all();
    laboratory().start(nodes.back());
    laboratory().wait_ring({nodes.back()});
    const Nodes ours(nodes.begin(), nodes.end() - 1);
    laboratory().start(ours);
    laboratory().wait_ring(nodes);
    const auto heard =
        fmt::format("Dialect {}: {} speaks it", spoken(), lab::node_address(nodes.back(), lab::Family::ipv4));
    EXPECT_EQ(laboratory().log(ours.front()).count(heard), 1u) << laboratory().log(ours.front()).text();
    flood_all(nodes, 100, small_sizes);
    // The one that was first is gone; those that are left speak on as it did.
    laboratory().kill(Nodes{nodes.back()});
    laboratory().kill(Nodes{ours.front()});
    laboratory().start(ours.front());
    laboratory().wait_ring(ours);
}
INSTANTIATE_TEST_SUITE_P(Rings, DialectTest,
                         testing::ValuesIn(cases({"TTC", "TTK"}, {Transport::udp, Transport::udpu})), case_name);

class SilentDialectTest : public DialectTest {};

TEST_P(SilentDialectTest, SpeaksTheNewerOneIfNobodyDoes) {
    if (!ready()) return;
    laboratory().start(1);
    laboratory().wait_ring({1});
    EXPECT_EQ(laboratory().log(1).count("Dialect 3.x: nobody is heard"), 1u) << laboratory().log(1).text();
    laboratory().start(2);
    laboratory().wait_ring({1, 2});
    EXPECT_EQ(laboratory().log(2).count("Dialect 3.x: 10.77.0.1 speaks it"), 1u) << laboratory().log(2).text();
}
INSTANTIATE_TEST_SUITE_P(Rings, SilentDialectTest, testing::ValuesIn(cases({"TT"}, {Transport::udp, Transport::udpu})),
                         case_name);

}  // namespace
}  // namespace conformance
