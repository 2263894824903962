// Two networks in the 2.x dialect: what is sent where is not seen here, but that a ring lives on one of them, that both
// sides find out and find back, and that nobody loses a message or a member over it. With a real 2.x corosync where one
// is at hand.
#include <fmt/format.h>

#include "conformance/tests/support.hpp"

namespace conformance {
namespace {

using Marks = std::map<unsigned, std::size_t>;
constexpr milliseconds kMarked{40000}, kRecovered{15000};

struct Redundant {
    const char* mix;
    Transport transport;
    const char* mode;
};

class RedundancyTest : public RingTest, public testing::WithParamInterface<Redundant> {
protected:
    void form(std::map<std::string, std::string> totem = {}) {
        lab::Plan plan;
        plan.rings = 2;
        plan.transport = GetParam().transport;
        plan.totem.merge(totem);
        plan.totem["rrp_mode"] = GetParam().mode;
        // Each hop waits that long for what a dead network does not bring, and ten such waits make it faulty.
        plan.totem["rrp_token_expired_timeout"] = "60";
        set_up(GetParam().mix, plan, false);
        if (!ready()) return;
        for (const auto node : laboratory().all())
            laboratory().give_key(node, 'k');
        laboratory().start(laboratory().all());
        laboratory().wait_ring(laboratory().all());
    }
    lab::Finished tool(unsigned node, const char* name, const lab::Arguments& words) {
        lab::Arguments command = {lab::beside_us(name).string()};
        command.insert(command.end(), words.begin(), words.end());
        return laboratory().run(node, command);
    }
    // As an administrator sees it on the node.
    std::string status_of(unsigned node, unsigned ring) {
        const std::string text = tool(node, "totem-cfgtool", {"-s"}).out;
        const auto begin = text.find(fmt::format("RING ID {}\n", ring));
        if (begin == std::string::npos) return "no such ring in: " + text;
        const auto status = text.find("status\t= ", begin) + 9;
        return text.substr(status, text.find('\n', status) - status);
    }
    bool faulty(unsigned node, unsigned ring) { return status_of(node, ring).find("FAULTY") != std::string::npos; }
    // Of ours: a 2.x daemon does not survive a cmap client of 3.x.
    bool key_is(unsigned node, unsigned ring, unsigned value) {
        if (GetParam().mix[node - 1] != 'T') return true;
        const auto key = fmt::format("runtime.totem.pg.mrp.rrp.{}.faulty", ring);
        return tool(node, "totem-cmapctl", {"-g", key}).out == fmt::format("{} (u8) = {}\n", key, value);
    }
    // Cuts and heals ring by ring, if only for one node; nobody's membership changes and no flood notices.
    template <typename Healed>
    void cut_and_heal(unsigned ring, std::optional<unsigned> node, Healed healed) {
        flood_everywhere();
        const auto marks = log_marks();
        node ? laboratory().cut_ring(ring, *node) : laboratory().cut_ring(ring);
        expect_marked(ring, marks);
        laboratory().heal();
        healed(marks);
        for (const auto& result : finish_floods())
            expect_clean(result);
        expect_same_membership(marks);
    }
    void flood_everywhere() {
        for (const auto node : laboratory().all())
            start_flood(node, {"--sizes", small_sizes});
        wait_for_floods();
    }
    // Everybody but `spared` finds the ring faulty, or fine again, says so everywhere, and nothing else happens.
    void expect_marked(unsigned ring, const Marks& marks) {
        for (const auto node : laboratory().all()) {
            EXPECT_TRUE(lab::wait_until(kMarked, [&] { return faulty(node, ring); }))
                << node << ": " << status_of(node, ring);
            EXPECT_TRUE(
                laboratory().log(node).wait_for(fmt::format("ringid {} interface {} FAULTY", ring, address(node, ring)),
                                                milliseconds(2000), marks.at(node)))
                << node;
            EXPECT_TRUE(lab::wait_until(milliseconds(5000), [&] { return key_is(node, ring, 1); })) << node;
            EXPECT_EQ(tool(node, "totem-cfgtool", {"-s"}).status, 1) << node;
        }
    }
    void expect_fine(unsigned ring, milliseconds limit) {
        for (const auto node : laboratory().all()) {
            EXPECT_TRUE(lab::wait_until(
                limit, [&] { return status_of(node, ring) == fmt::format("ring {} active with no faults", ring); }))
                << node << ": " << status_of(node, ring);
            EXPECT_TRUE(lab::wait_until(milliseconds(5000), [&] { return key_is(node, ring, 0); })) << node;
        }
    }
    std::string address(unsigned node, unsigned ring) const { return lab::node_address(node, lab::Family::ipv4, ring); }
};

TEST_P(RedundancyTest, FormsFloodsSplitsAndMerges) {
    form();
    if (!ready()) return;
    const auto nodes = laboratory().all();
    flood_all(nodes, 300, small_sizes);
    for (const auto node : nodes) {
        EXPECT_EQ(
            tool(node, "totem-cfgtool", {"-s"}).out,
            fmt::format("Printing ring status.\nLocal node ID {0}\nRING ID 0\n\tid\t= {1}\n\tstatus\t= ring 0 active "
                        "with no faults\nRING ID 1\n\tid\t= {2}\n\tstatus\t= ring 1 active with no faults\n",
                        node, address(node, 0), address(node, 1)));
    }
    lose_and_regain_the_last();
    flood_all(nodes, 100, wide_sizes);
}

TEST_P(RedundancyTest, EitherRingIsCutAndComesBack) {
    form();
    if (!ready()) return;
    for (const unsigned ring : {1u, 0u}) {
        cut_and_heal(ring, std::nullopt, [&](const Marks& marks) {
            expect_fine(ring, kRecovered);
            const auto said = fmt::format("Automatically recovered ring {}", ring);
            for (const auto node : laboratory().all())
                EXPECT_GE(laboratory().log(node).count(said, marks.at(node)), 1u) << node;
        });
    }
    expect_same_deliveries();
}

TEST_P(RedundancyTest, OneNodeIsCutFromOneRing) {
    form();
    if (!ready()) return;
    cut_and_heal(1, laboratory().size(), [&](const Marks&) { expect_fine(1, kRecovered); });
    expect_same_deliveries();
}

// No test finds the ring fine for ten minutes; the operator does.
TEST_P(RedundancyTest, TheOperatorReenablesFromEitherSide) {
    form({{"rrp_autorecovery_check_timeout", "600000"}});
    if (!ready()) return;
    for (const unsigned by : {1u, laboratory().size()}) {
        cut_and_heal(1, std::nullopt, [&](const Marks& marks) {
            EXPECT_TRUE(faulty(1, 1));
            EXPECT_EQ(tool(by, "totem-cfgtool", {"-r"}).out, "Re-enabling all failed rings.\n");
            expect_fine(1, milliseconds(3000));
            EXPECT_EQ(count_in_logs("Automatically recovered", marks), 0u);
        });
    }
}

TEST_P(RedundancyTest, ProtectedRingsToo) {
    form({{"secauth", "on"}});
    if (!ready()) return;
    cut_and_heal(1, std::nullopt, [&](const Marks&) { expect_fine(1, kRecovered); });
    expect_same_deliveries();
}

std::vector<Redundant> all_rings() {
    // Among ourselves two say it all: the rest differs in the other side only.
    std::vector<Redundant> out = {{"TTT", Transport::udp, "passive"}, {"TTT", Transport::udpu, "active"}};
    for (const char* mix : {"TTK", "KKT", "TTTKK", "KTKTT"}) {
        for (const auto transport : {Transport::udp, Transport::udpu}) {
            for (const char* mode : {"passive", "active"})
                out.push_back({mix, transport, mode});
        }
    }
    return out;
}
INSTANTIATE_TEST_SUITE_P(Rings, RedundancyTest, testing::ValuesIn(all_rings()), [](const auto& param) {
    return fmt::format("{}_{}_{}", param.param.mix, to_string(param.param.transport), param.param.mode);
});

}  // namespace
}  // namespace conformance
