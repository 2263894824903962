// What nodes say about why it happened, asked with totem-why on live rings.
#include <fmt/format.h>

#include <set>

#include "conformance/tests/support.hpp"

namespace conformance {
namespace {

using nlohmann::json;
using Sequence = std::uint64_t;

// With three nodes the token is given up after 1650 ms (totem-srp.md section 2).
constexpr unsigned kTokenTimeout = 1650;

class WhyTest : public MixedRingTest {
protected:
    lab::Finished why(unsigned node, std::vector<std::string> words) {
        words.insert(words.begin(), lab::beside_us("totem-why").string());
        return laboratory().run(node, words);
    }

    // Records after the one numbered `mark`.
    std::vector<json> records(unsigned node, Sequence mark = 0) {
        const auto said = why(node, {"--json"});
        EXPECT_EQ(said.status, 0) << said.err;
        std::vector<json> result;
        std::istringstream lines(said.out);
        for (std::string line; std::getline(lines, line);) {
            const json record = json::parse(line, nullptr, false);
            if (record.is_object() && record["sequence"] > mark) result.push_back(record);
        }
        return result;
    }
    Sequence mark(unsigned node) {
        const auto all = records(node);
        return all.empty() ? 0 : all.back()["sequence"].get<Sequence>();
    }
    std::string told(unsigned node, Sequence since) {
        std::string out = fmt::format("node {} has on record:\n", node);
        for (const json& record : records(node, since))
            out += record.dump() + '\n';
        return out;
    }

    // The first record after `mark` with this cause; a failure of the test and an empty object if none comes.
    json await(unsigned node, Sequence since, const std::string& cause) {
        json found = json::object();
        lab::wait_until(milliseconds(20000), [&] {
            for (json& record : records(node, since)) {
                if (record["cause"]["kind"] != cause) continue;
                found = std::move(record);
                return true;
            }
            return false;
        });
        EXPECT_FALSE(found.empty()) << "no record of " << cause << ", " << told(node, since);
        return found;
    }
    bool has_evidence(const json& record, const std::string& kind) {
        const json all = record.value("evidence", json::array());
        return std::any_of(all.begin(), all.end(), [&](const json& item) { return item["kind"] == kind; });
    }
    std::string text(const json& record) { return record.value("text", ""); }
    static json nodes(const json& record) {
        return record.value("cause", json::object()).value("nodes", json::array());
    }
    static bool quorate(const json& record, const char* when) {
        return record.value(when, json::object()).value("quorate", false);
    }
};

TEST_P(WhyTest, AKilledMemberIsNamedWithWhatWasNoticed) {
    set_up(GetParam().mix, plan());
    if (!ready()) return;
    const std::map<unsigned, Sequence> marks = {{1, mark(1)}, {2, mark(2)}};
    laboratory().kill(3);
    laboratory().wait_ring({1, 2});
    // In a ring of ours who passes the token to it hears of the closed port; beside corosync the token has to be lost.
    const bool ours = GetParam().mix == "TTT";
    bool noticed_somewhere = false;
    for (const auto& [node, since] : marks) {
        const json record = await(node, since, "peer_silent");
        EXPECT_EQ(nodes(record), json({3}));
        EXPECT_EQ(record.value("left_silently", json()), json({3}));
        // One noticed it, and may have told the other before that one would have.
        const bool noticed = has_evidence(record, ours ? "port_closed" : "token_lost");
        noticed_somewhere = noticed_somewhere || noticed;
        if (ours) {
            EXPECT_LT(record.value("outage", kTokenTimeout), kTokenTimeout / 2);
            EXPECT_EQ(text(record).find("it had ended") != std::string::npos, noticed) << text(record);
        } else {
            EXPECT_GE(record["cause"].value("milliseconds", 0U), noticed ? kTokenTimeout : kTokenTimeout / 2) << record;
            EXPECT_TRUE(has_evidence(record, "token_passed")) << record;
        }
        EXPECT_GE(record.value("outage", 0U), ours ? 90U : 100U) << "two join timeouts of who began, or a consensus";
        EXPECT_TRUE(quorate(record, "after"));
        EXPECT_EQ(record["after"]["votes"], 2);
        EXPECT_EQ(text(record).find("Node node3 stopped answering without saying that it leaves"), 0U) << text(record);
        EXPECT_GE(laboratory().log(node).count("Node 3 stopped answering", 0), 1U) << "the log says it, too";
    }
    EXPECT_TRUE(noticed_somewhere);
    const Sequence before = mark(1);
    laboratory().start(3);
    laboratory().wait_ring({1, 2, 3});
    EXPECT_EQ(nodes(await(1, before, "peer_started")), json({3}));
}

TEST_P(WhyTest, ALeaveIsNoFailure) {
    set_up(GetParam().mix, plan());
    if (!ready()) return;
    const Sequence since = mark(1), stopped = mark(2);
    laboratory().stop(3);
    laboratory().wait_ring({1, 2});
    const json record = await(1, since, "left_announced");
    EXPECT_EQ(nodes(record), json({3}));
    EXPECT_EQ(record.value("left_silently", json()), json::array());
    EXPECT_FALSE(record.contains("also") && !record["also"].empty()) << record;
    EXPECT_EQ(text(record).find("Node node3 left, having said so."), 0U) << text(record);
    // And who leaves has it on record himself, which can be read while the engine is down.
    laboratory().stop(2);
    EXPECT_EQ(text(await(2, stopped, "stopped")), "This node was stopped, and left the ring.");
}

TEST_P(WhyTest, WhoSleptSaysSoAndBlamesNobody) {
    set_up(GetParam().mix, plan());
    if (!ready()) return;
    const Sequence since = mark(1), own = mark(2);
    laboratory().pause(2);
    laboratory().wait_ring({1, 3});
    const json seen = await(1, since, "peer_silent");
    EXPECT_EQ(nodes(seen), json({2}));
    laboratory().resume(2);
    laboratory().wait_ring({1, 2, 3});
    const json record = await(2, own, "own_pause");
    EXPECT_EQ(nodes(record), json({2}));
    EXPECT_GE(record["cause"].value("milliseconds", 0U), kTokenTimeout) << "as long as the others waited at least";
    EXPECT_EQ(text(record).find("This node's own process was not scheduled for "), 0U) << text(record);
    const std::set<std::string> blame = {"peer_silent", "network_split", "excluded", "token_lost"};
    for (const json& other : records(2, own)) {
        EXPECT_FALSE(blame.contains(other["cause"]["kind"])) << other;
        for (const json& also : other["also"])
            EXPECT_FALSE(blame.contains(also["kind"])) << other;
    }
}

TEST_P(WhyTest, ASplitCostsQuorumAndAMergeGivesItBack) {
    set_up(GetParam().mix, plan());
    if (!ready()) return;
    Sequence alone = mark(1), together = mark(2);
    laboratory().partition({{1}, {2, 3}});
    laboratory().wait_ring({1});
    laboratory().wait_ring({2, 3});
    json record = await(1, alone, "network_split");
    EXPECT_EQ(nodes(record), json({2, 3}));
    EXPECT_TRUE(quorate(record, "before")) << record;
    EXPECT_FALSE(quorate(record, "after")) << record;
    EXPECT_NE(text(record).find("its own connection is the first to look at"), std::string::npos) << text(record);
    EXPECT_NE(text(record).find("Quorum lost: 1 of 3 votes, 2 needed"), std::string::npos) << text(record);
    record = await(2, together, "peer_silent");
    EXPECT_EQ(nodes(record), json({1}));
    EXPECT_TRUE(quorate(record, "after")) << record;

    alone = mark(1);
    together = mark(2);
    laboratory().heal();
    laboratory().wait_ring({1, 2, 3});
    record = await(1, alone, "rings_merged");
    EXPECT_EQ(nodes(record), json({2, 3}));
    EXPECT_FALSE(quorate(record, "before")) << record;
    EXPECT_TRUE(quorate(record, "after")) << record;
    EXPECT_NE(text(record).find("Quorum gained: 3 of 3 votes"), std::string::npos) << text(record);
    EXPECT_EQ(nodes(await(2, together, "rings_merged")), json({1}));
}

TEST_P(WhyTest, VotesSetByAnAdministrator) {
    set_up(GetParam().mix, plan());
    if (!ready()) return;
    const Sequence since = mark(2);
    EXPECT_EQ(laboratory().run(1, {"corosync-quorumtool", "-e", "5"}).status, 0);
    const json record = await(2, since, "expected_votes_set");
    EXPECT_EQ(nodes(record), json({1}));
    EXPECT_EQ(record.value("kind", ""), "votes");
    EXPECT_EQ(record.value("after", json::object()).value("expected", 0), 5);
    EXPECT_TRUE(quorate(record, "after"));
    const Sequence killed = mark(2);
    EXPECT_EQ(laboratory().run(1, {"corosync-cfgtool", "-k", "2"}).status, 0);
    EXPECT_EQ(nodes(await(2, killed, "killed")), json({1}));
}

// What is printed without --json, and while it goes on.
TEST_P(WhyTest, WordsAndFollowing) {
    set_up(GetParam().mix, plan());
    if (!ready()) return;
    const auto said = why(1, {"-n", "1"});
    EXPECT_EQ(said.status, 0);
    EXPECT_NE(said.out.find("Members now: node node1, node node2 and node node3."), std::string::npos) << said.out;
    EXPECT_EQ(why(1, {"--since", "1d"}).out, why(1, {}).out);
    EXPECT_EQ(why(1, {"--since", "0s"}).out, "");
    EXPECT_EQ(why(1, {"--since", "soon"}).status, 1);
    EXPECT_EQ(why(1, {"--file", "/none"}).status, 2);

    const auto path = laboratory().node_directory(1) / "followed";
    const auto program = lab::beside_us("totem-why").string();
    lab::Process follower =
        laboratory().spawn(1, {"sh", "-c", R"(exec "$0" --follow -n 0 > "$1")", program, path.string()}, {});
    laboratory().stop(3);
    const bool shown = lab::wait_until(milliseconds(20000), [&] {
        std::ifstream file(path);
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        return text.find("Node node3 left, having said so.") != std::string::npos;
    });
    EXPECT_TRUE(shown) << std::ifstream(path).rdbuf();
    follower.signal(15);
    EXPECT_EQ(follower.wait(milliseconds(5000)), 0);
}

INSTANTIATE_TEST_SUITE_P(Mix, WhyTest,
                         testing::Values(Case{"TTT", Transport::udp}, Case{"TTC", Transport::udpu},
                                         Case{"TTC", Transport::udp}),
                         case_name);

}  // namespace
}  // namespace conformance
