// What comes out of given numbers: statistics, ratios, verdicts, tables and the page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/common/statistics.hpp"
#include "bench/side_by_side/chart.hpp"
#include "bench/side_by_side/contestant.hpp"
#include "bench/side_by_side/page.hpp"
#include "bench/side_by_side/report.hpp"
#include "bench/side_by_side/targets.hpp"

namespace bench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const Cell kCell{"throughput", 3, 1, 1024, "off"};

Result result(const std::string& contestant, const std::string& figure, const std::vector<double>& values,
              const Cell& cell = kCell) {
    Result out{cell, contestant, {}};
    for (const double value : values)
        out.rounds.push_back({{figure, value}});
    return out;
}

Results results(std::vector<Result> rows) {
    Results out;
    out.results = std::move(rows);
    return out;
}

const Verdict* find(const std::vector<Verdict>& all, const std::string& what, const Cell& cell) {
    for (const auto& verdict : all) {
        if (verdict.target->what == what && verdict.target->cell == cell) return &verdict;
    }
    return nullptr;
}

TEST(Statistics, PercentilesAndRate) {
    std::vector<double> values;
    for (int i = 1000; i >= 0; --i)
        values.push_back(i);
    const Speed speed = summarize(values, 2);
    EXPECT_DOUBLE_EQ(speed.per_second, 500.5);
    EXPECT_DOUBLE_EQ(speed.p50_us, 500);
    EXPECT_DOUBLE_EQ(speed.p99_us, 990);
    EXPECT_DOUBLE_EQ(speed.p999_us, 999);
    EXPECT_DOUBLE_EQ(speed.max_us, 1000);
    EXPECT_DOUBLE_EQ(median({9, 1, 5}), 5);
    EXPECT_DOUBLE_EQ(median({9, 1, 5, 2}), 3.5);
    EXPECT_DOUBLE_EQ(median({}), 0);
}

TEST(Contestant, NamesAreReadAsTheyAreWritten) {
    for (const auto* protection : {"off", "on"}) {
        for (const auto& contestant : usual_contestants(protection)) {
            EXPECT_EQ(parse_contestant(contestant.name()), contestant);
            EXPECT_EQ(contestant.protects(), std::string(protection) == "on") << contestant.name();
        }
    }
    for (const auto* wrong :
         {"totemd", "totemd+aes256-gcm", "other:udp", "totemd:tcp", "totemd:knet", "corosync2:knet"})
        EXPECT_THROW(parse_contestant(wrong), lab::LabError) << wrong;
}

TEST(Contestant, IsMeantByWholeWordsOnly) {
    const auto contestant = parse_contestant("corosync2:udpu+aes256-sha1");
    for (const auto* word : {"corosync2", "corosync2:udpu", "corosync2:udpu+aes256-sha1"})
        EXPECT_TRUE(is_meant(contestant, word)) << word;
    for (const auto* word : {"corosync", "corosync2:udp", "corosync2:udpu+aes256", "totemd"})
        EXPECT_FALSE(is_meant(contestant, word)) << word;
}

TEST(Contestant, PlansSayDialectAndProtection) {
    const auto totem = [](const char* name) { return plan_of(parse_contestant(name), 3, false).totem; };
    EXPECT_EQ(totem("totemd:udp").at("dialect"), "3.x");
    EXPECT_EQ(totem("totemd:udp").count("token"), 0u) << "timeouts are to be the engine's own";
    EXPECT_EQ(totem("totemd:udp+aes256-gcm").at("crypto_cipher"), "aes256-gcm");
    EXPECT_EQ(totem("totemd:udp+aes256-gcm").at("dialect"), "3.x");
    const auto older = totem("totemd:udp+aes256-sha1");
    EXPECT_EQ(older.at("dialect"), "2.x");
    EXPECT_EQ(older.at("secauth"), "on");
    EXPECT_EQ(older.at("crypto_hash"), "sha1");
    EXPECT_EQ(totem("corosync:knet+aes256-sha256").at("crypto_hash"), "sha256");
    using lab::DaemonKind;
    EXPECT_THAT(plan_of(parse_contestant("mixed:udp"), 3, false).nodes,
                ElementsAre(DaemonKind::totemd, DaemonKind::totemd, DaemonKind::corosync));
}

TEST(Targets, TheBestRealPeerCounts) {
    const auto all = results({result("totemd:udp", "messages_per_second", {300, 500, 400}),
                              result("corosync:udp", "messages_per_second", {50, 50, 50}),
                              result("corosync:knet", "messages_per_second", {100, 100, 200}),
                              result("mixed:udp", "messages_per_second", {1000, 1000, 1000})});
    const auto ratio = ratio_to_best(all, all.results[0], "messages_per_second", true);
    ASSERT_TRUE(ratio);
    EXPECT_EQ(ratio->best->contestant, "corosync:knet");
    EXPECT_DOUBLE_EQ(ratio->value, 4);
    EXPECT_DOUBLE_EQ(ratio->low, 2);
    EXPECT_DOUBLE_EQ(ratio->high, 5);
    const auto verdicts = judge(all);
    const auto* verdict = find(verdicts, "throughput", kCell);
    ASSERT_TRUE(verdict);
    EXPECT_TRUE(verdict->met) << "4 times are asked for";
}

TEST(Targets, TheClientsCeilingIsARatioToo) {
    Result ours = result("totemd:udp", "messages_per_second", {250});
    const Result best = result("corosync:knet", "messages_per_second", {100});
    EXPECT_FALSE(ratio_to_best(results({ours, best}), ours, "messages_per_second", true)->ceiling);
    ours.rounds[0]["clients_per_second"] = 310;
    const auto all = results({ours, best});
    EXPECT_DOUBLE_EQ(ratio_to_best(all, all.results[0], "messages_per_second", true)->ceiling.value(), 3.1);
    EXPECT_FALSE(ratio_to_best(all, all.results[0], "mb_per_second", true));
    EXPECT_THAT(target_table(all), HasSubstr(" 3.10 "));
}

TEST(Targets, WhatIsBetterLowComparesWithTheLowest) {
    const Cell cell{"latency", 3, 0, 64, "off"};
    const auto all = results({result("totemd:udp", "p50_us", {61}, cell), result("corosync:udp", "p50_us", {100}, cell),
                              result("corosync:knet", "p50_us", {200}, cell)});
    const auto verdicts = judge(all);
    const auto* verdict = find(verdicts, "latency p50", cell);
    ASSERT_TRUE(verdict && verdict->ratio);
    EXPECT_DOUBLE_EQ(verdict->ratio->value, 0.61);
    EXPECT_FALSE(verdict->met) << "0.6 times are asked for";
}

TEST(Targets, AMixedRingComparesWithItsRealMembersOwn) {
    const auto all = results({result("mixed:udpu", "messages_per_second", {130}),
                              result("corosync:udpu", "messages_per_second", {100}),
                              result("corosync:knet", "messages_per_second", {1000}),
                              result("corosync2:udpu", "messages_per_second", {1000})});
    const auto verdicts = judge(all);
    const auto* verdict = find(verdicts, "mixed:udpu", kCell);
    ASSERT_TRUE(verdict && verdict->ratio);
    EXPECT_EQ(verdict->ratio->best->contestant, "corosync:udpu");
    EXPECT_TRUE(verdict->met);
}

TEST(Targets, NothingIsSaidOfWhatWasNotMeasured) {
    for (const auto& verdict : judge(results({result("totemd:udp", "messages_per_second", {1})}))) {
        EXPECT_FALSE(verdict.ratio);
        EXPECT_FALSE(verdict.met);
    }
}

TEST(Results, RoundsOfSeveralRunsBecomeOneRow) {
    auto all = results({result("totemd:udp", "messages_per_second", {1, 2})});
    merge(all, results({result("totemd:udp", "messages_per_second", {3}),
                        result("totemd:udpu", "messages_per_second", {4})}));
    ASSERT_EQ(all.results.size(), 2u);
    EXPECT_THAT(all.results[0].values("messages_per_second"), ElementsAre(1, 2, 3));
}

TEST(Results, OfDifferentClientsAreNotMixed) {
    auto all = results({result("totemd:udp", "messages_per_second", {1})});
    all.clients = "one on every node";
    auto other = all;
    other.clients = "1 beside the senders";
    EXPECT_THROW(merge(all, other), std::runtime_error);
    EXPECT_EQ(all.results[0].rounds.size(), 1u);
}

TEST(Results, SurviveJson) {
    auto all = results({result("totemd:udp", "messages_per_second", {1, 2})});
    all.machine["kernel"] = "6";
    all.failures = {"one"};
    const nlohmann::json written = all;
    EXPECT_EQ(nlohmann::json(written.get<Results>()), written);
}

TEST(Report, NumbersHaveThreeDigits) {
    EXPECT_EQ(number(0), "0");
    EXPECT_EQ(number(0.01234), "0.0123");
    EXPECT_EQ(number(9.876), "9.88");
    EXPECT_EQ(number(123456.7), "123457");
}

TEST(Report, TablesHaveMediansAndRatios) {
    const auto all = results({result("totemd:udp", "messages_per_second", {300, 500, 400}),
                              result("corosync:knet", "messages_per_second", {100})});
    EXPECT_THAT(tables(all), HasSubstr("(4.00)"));
    EXPECT_THAT(tables(all), HasSubstr("3 nodes, 1 sender, 1 KiB"));
    EXPECT_THAT(target_table(all), HasSubstr("yes throughput"));
    EXPECT_EQ(target_table(results({})), "");
}

TEST(Page, NeedsNothingElse) {
    auto all = results(
        {result("totemd:udp", "messages_per_second", {100}), result("corosync:knet", "messages_per_second", {100})});
    all.command = "--x '<'";
    const auto text = page(all);
    EXPECT_THAT(text, HasSubstr("<tr class=\"missed\"><td>throughput</td>"));
    EXPECT_THAT(text, HasSubstr("<svg"));
    EXPECT_THAT(text, HasSubstr("--x '&lt;'"));
    EXPECT_THAT(text, Not(HasSubstr("http")));
    EXPECT_THAT(text, Not(HasSubstr("<script")));
}

TEST(Page, BarsAreAsHighAsTheirValues) {
    Chart chart("title");
    chart.add("64 B", "totemd:udp", {2, 2, 2, "a"});
    chart.add("64 B", "corosync:udp", {1, 1, 1, "b"});
    const auto text = chart.svg();
    const auto height = [&](const std::string& label) {
        const auto end = text.find("<title>" + label);
        const auto begin = text.rfind(" height=\"", end);
        return std::stod(text.substr(begin + 9));
    };
    EXPECT_GT(height("b"), 0);
    EXPECT_NEAR(height("a"), 2 * height("b"), 0.2);
    EXPECT_EQ(Chart("empty").svg(), "");
}

}  // namespace
}  // namespace bench
