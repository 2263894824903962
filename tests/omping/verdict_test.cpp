// The table of verdicts, row by row. Spec omping.md sections 14.4 and 14.5.
#include "tools/omping/qualify/verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/omping/support.hpp"
#include "tools/omping/qualify/html_report.hpp"
#include "tools/omping/qualify/json_report.hpp"
#include "tools/omping/qualify/text_report.hpp"

namespace tools::omping::qualify {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

using Milliseconds = double;

TestResult run(const std::string& name, double interval_ms, std::vector<float> unicast, std::vector<float> group) {
    TestResult out;
    out.name = name;
    out.interval_ms = interval_ms;
    out.wanted = unicast.size();
    out.group_setup_ms = 1;
    Recording recording;
    const auto feed = [&](const std::vector<float>& samples, bool to_group) {
        for (std::size_t i = 0; i < samples.size(); ++i) {
            recording.sent(static_cast<std::uint32_t>(i + 1));
            if (samples[i] < 0) continue;
            Reply reply;
            reply.group = to_group;
            reply.sequence = static_cast<std::uint32_t>(i + 1);
            reply.rtt = nanoseconds(static_cast<std::int64_t>(samples[i] * 1000));
            recording.replied(reply);
        }
    };
    feed(unicast, false);
    feed(group, true);
    out.unicast = recording.summary(false);
    out.group = recording.summary(true);
    out.unicast_us = unicast;
    out.group_us = group;
    out.silence = find_silence(unicast, group, static_cast<std::uint32_t>(5000 / interval_ms));
    return out;
}

std::vector<float> steady(std::size_t count, float us = 100) {
    return std::vector<float>(count, us);
}

std::vector<float> losing(std::size_t count, std::size_t every, float us = 100) {
    auto out = steady(count, us);
    for (std::size_t i = every - 1; i < count; i += every)
        out[i] = kMissing;
    return out;
}

// A network without fault, as two of three nodes look from the third.
Results healthy() {
    Results out;
    out.started = 1700000000;
    out.method = "asm";
    out.group = address("239.192.1.2");
    out.port = 5405;
    out.own_name = "10.0.0.1";
    out.own_address = address("10.0.0.1");
    out.interface = "eth0";
    out.interface_mtu = 1500;
    out.igmp.listened = true;
    out.igmp.listened_s = 620;
    note_query(out.igmp, {address("10.0.0.254"), 3, {}}, 20);
    for (const char* name : {"10.0.0.2", "10.0.0.3"}) {
        PeerResult peer;
        peer.name = name;
        peer.address = address(name);
        peer.reachable = peer.same_subnet = true;
        peer.clock_offset_ms = 3;
        peer.tests = {run("burst", 1, steady(10000), steady(10000)), run("long", 1000, steady(600), steady(600))};
        peer.mtu = {true, 1500, {{1400, true, true}, {1472, true, true}, {1473, true, true}, {9000, true, true}}};
        out.peers.push_back(peer);
    }
    return out;
}

Judgement judge(const Results& results) {
    return qualify::judge(results, estimate_token(results));
}

Check check(const Results& results, const std::string& id) {
    const Judgement judgement = judge(results);
    const auto found = std::ranges::find(judgement.checks, id, &Check::id);
    EXPECT_NE(found, judgement.checks.end()) << id;
    return found == judgement.checks.end() ? Check{} : *found;
}

Verdict verdict(const Results& results, const std::string& id) {
    const Check found = check(results, id);
    // Whatever is not passed says why, and what to do.
    if (found.verdict == Verdict::warn || found.verdict == Verdict::fail) {
        EXPECT_FALSE(found.reason.empty()) << id;
        EXPECT_FALSE(found.advice.empty()) << id;
    }
    return found.verdict;
}

// Healthy but for the tests with the first peer.
Results with_test(const std::string& name, double interval_ms, const std::vector<float>& unicast,
                  const std::vector<float>& group) {
    Results out = healthy();
    for (TestResult& test : out.peers[0].tests) {
        if (test.name == name) test = run(name, interval_ms, unicast, group);
    }
    return out;
}

TEST(Verdict, AHealthyNetworkPasses) {
    for (const Check& each : judge(healthy()).checks)
        EXPECT_EQ(each.verdict, Verdict::pass) << each.id << ": " << each.reason;
    EXPECT_EQ(judge(healthy()).overall, Verdict::pass);
    EXPECT_EQ(exit_status(Verdict::pass), 0);
    EXPECT_EQ(exit_status(Verdict::warn), 10);
    EXPECT_EQ(exit_status(Verdict::fail), 11);
}

TEST(Verdict, UnicastLoss) {
    EXPECT_EQ(verdict(with_test("burst", 1, losing(10000, 10000), steady(10000)), "unicast_loss"), Verdict::warn);
    EXPECT_EQ(verdict(with_test("burst", 1, losing(10000, 101), steady(10000)), "unicast_loss"), Verdict::warn);
    EXPECT_EQ(verdict(with_test("burst", 1, losing(10000, 100), steady(10000)), "unicast_loss"), Verdict::fail)
        << "1 % exactly";
}

TEST(Verdict, GroupLoss) {
    const Results some = with_test("burst", 1, steady(10000), losing(10000, 200));
    EXPECT_EQ(verdict(some, "group_loss"), Verdict::warn);
    EXPECT_EQ(verdict(some, "unicast_loss"), Verdict::pass);
    const Results much = with_test("burst", 1, steady(10000), losing(10000, 33));
    EXPECT_EQ(verdict(much, "group_loss"), Verdict::fail);
    EXPECT_THAT(check(much, "group_loss").advice, HasSubstr("udpu"));
    EXPECT_EQ(judge(much).overall, Verdict::fail);
    const Results both = with_test("burst", 1, losing(10000, 200), losing(10000, 200));
    EXPECT_THAT(check(both, "group_loss").advice, Not(HasSubstr("udpu"))) << "it is not the group's fault";
}

TEST(Verdict, GroupStartUp) {
    auto late = steady(10000);
    std::fill_n(late.begin(), 500, kMissing);
    EXPECT_EQ(verdict(with_test("burst", 1, steady(10000), late), "group_startup"), Verdict::warn);
    EXPECT_EQ(verdict(with_test("burst", 1, steady(10000), late), "group_loss"), Verdict::pass);
    const auto never = std::vector<float>(10000, kMissing);
    EXPECT_EQ(verdict(with_test("burst", 1, steady(10000), never), "group_startup"), Verdict::fail);
}

TEST(Verdict, RoundTrips) {
    auto slow = steady(10000);
    std::fill_n(slow.begin(), 150, 2500.0f);
    EXPECT_EQ(verdict(with_test("burst", 1, slow, steady(10000)), "rtt_p99"), Verdict::warn);
    EXPECT_EQ(verdict(with_test("burst", 1, steady(10000, 2000), steady(10000)), "rtt_p99"), Verdict::fail);
    EXPECT_EQ(verdict(with_test("burst", 1, steady(10000), steady(10000, 10000)), "rtt_p99"), Verdict::fail);
    // Three nodes: the token timeout is 1650 ms.
    for (const auto& [longest_us, wanted] :
         {std::pair(410000.0f, Verdict::pass), {415000.0f, Verdict::warn}, {830000.0f, Verdict::fail}}) {
        auto once = steady(10000);
        once[17] = longest_us;
        EXPECT_EQ(verdict(with_test("burst", 1, once, steady(10000)), "rtt_max"), wanted) << longest_us;
    }
}

TEST(Verdict, GroupTrafficThatEnds) {
    auto ended = steady(600);
    std::fill(ended.begin() + 262, ended.end(), kMissing);
    const Results results = with_test("long", 1000, steady(600), ended);
    EXPECT_EQ(verdict(results, "group_life"), Verdict::fail);
    EXPECT_THAT(check(results, "group_life").reason, HasSubstr("IGMP snooping forgot"));
    EXPECT_THAT(check(results, "group_life").advice, HasSubstr("querier"));
    Results quick = healthy();
    for (PeerResult& peer : quick.peers)
        peer.tests[1] = run("long", 1000, steady(30), steady(30));
    EXPECT_EQ(verdict(quick, "group_life"), Verdict::not_tested);
    EXPECT_EQ(judge(quick).overall, Verdict::pass) << "what was not tested does not fail";
}

TEST(Verdict, Querier) {
    Results results = healthy();
    results.igmp.queriers.clear();
    EXPECT_EQ(verdict(results, "querier"), Verdict::warn) << "neither a querier nor anything about snooping is known";
    results.igmp.flooding = Flooding::flooded;
    EXPECT_EQ(verdict(results, "querier"), Verdict::pass);
    results.igmp.flooding = Flooding::pruned;
    EXPECT_EQ(verdict(results, "querier"), Verdict::fail);
    results.igmp.listened_s = 100;
    EXPECT_EQ(verdict(results, "querier"), Verdict::warn) << "the next query may come";
    results.igmp.bridges = {{"vmbr0", true, false, true}};
    EXPECT_EQ(verdict(results, "querier"), Verdict::fail);
    results.igmp.bridges = {{"vmbr0", true, false, false}};
    EXPECT_EQ(verdict(results, "querier"), Verdict::warn) << "a bridge of another network";
    results.igmp.listened = false;
    results.igmp.why_not = "Operation not permitted";
    EXPECT_EQ(verdict(results, "querier"), Verdict::warn);
    results.method = "ipbc";
    EXPECT_EQ(verdict(results, "querier"), Verdict::not_tested);
}

TEST(Verdict, Sizes) {
    Results results = healthy();
    results.peers[0].mtu.ladder[3].group = false;
    EXPECT_EQ(verdict(results, "mtu"), Verdict::warn) << "only above netmtu";
    results.peers[0].mtu.ladder[1].group = false;
    EXPECT_EQ(verdict(results, "mtu"), Verdict::fail);
    results = healthy();
    results.peers[1].mtu.path_mtu = 1280;
    EXPECT_EQ(verdict(results, "mtu"), Verdict::fail);
    EXPECT_THAT(check(results, "mtu").advice, HasSubstr("netmtu: 1280"));
    results.cluster.netmtu = 1280;
    EXPECT_EQ(verdict(results, "mtu"), Verdict::warn) << "the interface says 1500";
    results = healthy();
    results.cluster.netmtu = 9000;
    EXPECT_EQ(verdict(results, "mtu"), Verdict::fail);
}

TEST(Verdict, HostsAndClocks) {
    Results results = healthy();
    results.peers[0].reachable = false;
    results.peers[0].tests.clear();
    EXPECT_EQ(verdict(results, "reachability"), Verdict::fail);
    results.peers[0].other_group = address("239.1.1.1");
    EXPECT_THAT(check(results, "reachability").reason, HasSubstr("10.0.0.2 uses 239.1.1.1"));
    results = healthy();
    results.peers[1].same_subnet = false;
    EXPECT_EQ(verdict(results, "subnet"), Verdict::fail);
    results = healthy();
    results.peers[1].limits_rate = true;
    EXPECT_EQ(verdict(results, "answer_rate"), Verdict::warn);
    results.peers[1].clock_offset_ms = -500;
    EXPECT_EQ(verdict(results, "clock"), Verdict::warn);
    results.peers[1].clock_offset_ms = -1000;
    EXPECT_EQ(verdict(results, "clock"), Verdict::fail);
}

TEST(Verdict, DuplicatesAndReordering) {
    Results results = healthy();
    results.peers[0].tests[0].group.reordered = 1;
    EXPECT_EQ(verdict(results, "duplicates"), Verdict::warn);
    results.peers[0].tests[0].group.duplicates = 101;
    EXPECT_EQ(verdict(results, "duplicates"), Verdict::fail);
}

TEST(Verdict, NobodyThere) {
    Results results = healthy();
    for (PeerResult& peer : results.peers) {
        peer.reachable = false;
        peer.tests.clear();
        peer.mtu = {};
        peer.clock_offset_ms.reset();
    }
    const Judgement judgement = judge(results);
    EXPECT_EQ(judgement.overall, Verdict::fail);
    for (const Check& each : judgement.checks)
        EXPECT_NE(each.verdict, Verdict::warn) << each.id;
}

TEST(Verdict, AUnicastClusterNeedsNoGroup) {
    Results results = healthy();
    results.cluster.needs_group = false;
    results.igmp.queriers.clear();
    results.igmp.flooding = Flooding::pruned;
    for (TestResult& test : results.peers[0].tests)
        test = run(test.name, test.interval_ms, test.unicast_us, std::vector<float>(test.unicast_us.size(), kMissing));
    EXPECT_EQ(judge(results).overall, Verdict::pass);
    EXPECT_EQ(verdict(results, "group_startup"), Verdict::not_tested);
}

TEST(Token, RotationHeadroomAndSuggestion) {
    Results results = healthy();
    results.turnaround_us = 50;
    // The hop between the two others is taken like ours: 3 x (100 / 2 + 50) us.
    TokenEstimate token = estimate_token(results);
    EXPECT_EQ(token.hops, 3u);
    EXPECT_EQ(token.measured, 2u);
    EXPECT_NEAR(token.rotation_us, 300, 1);
    EXPECT_NEAR(token.headroom, 1650000 / token.rotation_p99_us, 1e-6);
    EXPECT_EQ(token.suggested_ms, 1650u);
    results.peers[0].reports = {{address("10.0.0.3"), 100, 100, 100, 100, 1100, 2100, 3000, 0, 0, 0}};
    token = estimate_token(results);
    EXPECT_EQ(token.measured, 3u);
    EXPECT_NEAR(token.rotation_us, 800, 1);
    results.cluster.token_ms = 20;
    EXPECT_EQ(verdict(results, "headroom"), Verdict::warn);
    results.cluster.token_ms = 5;
    EXPECT_EQ(verdict(results, "headroom"), Verdict::fail);
}

// --- reports

TEST(Reports, TextEndsWithTheVerdict) {
    const Results results = with_test("burst", 1, steady(10000), losing(10000, 33));
    const TokenEstimate token = estimate_token(results);
    const std::string text = text_report(results, token, qualify::judge(results, token));
    EXPECT_THAT(text, EndsWith("\nVERDICT: FAIL\n"));
    EXPECT_THAT(text, HasSubstr("10.0.0.2 :   unicast, xmt/rcv/%loss = 10000/10000/0.00%, min/avg/max/std-dev = "
                                "0.100/0.100/0.100/0.000\n"));
    EXPECT_THAT(text, HasSubstr("10.0.0.2 : multicast, xmt/rcv/%loss = 10000/9697/3.03%"));
    EXPECT_THAT(text, HasSubstr("FAIL        group loss, from the first answer on"));
}

TEST(Reports, JsonHasTheSchema) {
    Results results = healthy();
    results.peers[0].qualifies = true;
    results.peers[0].reports = {{address("10.0.0.3"), 100, 97, 100, 100, 1100, 2100, 3000, 0, 0, 0}};
    const TokenEstimate token = estimate_token(results);
    const nlohmann::json json =
        nlohmann::json::parse(json_report(results, token, qualify::judge(results, token)).dump());
    for (const char* key : {"tool", "version", "started", "options", "nodes", "links", "pairs", "igmp", "mtu",
                            "token_estimate", "checks", "verdict"})
        EXPECT_TRUE(json.contains(key)) << key;
    EXPECT_EQ(json["tool"], "omping");
    EXPECT_EQ(json["started"], "2023-11-14T22:13:20Z");
    EXPECT_EQ(json["nodes"].size(), 3u);
    ASSERT_TRUE(json["links"].is_array());
    EXPECT_EQ(json["links"][0]["interface"], "eth0");
    ASSERT_EQ(json["pairs"].size(), 3u);
    const auto& unicast = json["pairs"][0]["tests"][0]["unicast"];
    EXPECT_EQ(unicast["sent"], 10000);
    EXPECT_EQ(unicast["histogram"].size(), 1u);
    EXPECT_EQ(unicast["histogram"][0][1], 10000);
    EXPECT_NEAR(unicast["rtt_p99_us"].get<double>(), 100, 0.01);
    EXPECT_NEAR(json["pairs"][2]["unicast"]["loss_percent"].get<double>(), 3, 1e-9);
    EXPECT_EQ(json["igmp"]["queriers"][0]["address"], "10.0.0.254");
    EXPECT_EQ(json["checks"].size(), 14u);
    EXPECT_EQ(json["verdict"], "PASS");
}

TEST(Reports, ThePageNeedsNothingElse) {
    Results results = healthy();
    results.own_name = "<script>alert(1)</script>";
    const TokenEstimate token = estimate_token(results);
    const std::string page = html_report(results, token, qualify::judge(results, token));
    EXPECT_THAT(page, testing::StartsWith("<!doctype html>"));
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_THAT(page, Not(HasSubstr("http:")));
    EXPECT_THAT(page, Not(HasSubstr("https:")));
    EXPECT_THAT(page, Not(HasSubstr("nan")));
    EXPECT_THAT(page, Not(HasSubstr("inf,")));
    EXPECT_THAT(page, HasSubstr("2 ms"));
    EXPECT_THAT(page, HasSubstr("260 s: members"));
    // Nobody there: still a page.
    results.peers.clear();
    EXPECT_THAT(html_report(results, estimate_token(results), judge(results)), HasSubstr("</html>"));
}

}  // namespace
}  // namespace tools::omping::qualify
