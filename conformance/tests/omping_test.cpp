// omping on laboratory networks: three of ours, with the original where OMPING_BIN names it, and the qualifier on
// networks that lose, delay, cut or forget.
#include <fcntl.h>
#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <map>
#include <regex>

#include "conformance/tests/delay_line.hpp"
#include "conformance/tests/support.hpp"

namespace conformance {
namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

std::string omping() {
    return lab::beside_us("omping").string();
}

// One omping that runs on a node.
class Pinger {
public:
    Pinger(const Lab& lab, unsigned node, const Words& command) : log_(file_for(lab, node)) {
        const auto file = lab::open_file(log_.path(), O_CREAT | O_WRONLY | O_TRUNC);
        lab::Process::Streams streams;
        streams.out = streams.err = file.get();
        process_ = lab.spawn(node, command, streams);
    }
    int wait(milliseconds limit) {
        const auto status = process_.wait(limit);
        EXPECT_TRUE(status.has_value()) << "did not end:\n" << text();
        return status.value_or(-1);
    }
    int interrupt() {
        EXPECT_TRUE(process_.signal(SIGINT));
        return wait(milliseconds(20000));
    }
    std::string text() const { return log_.text(); }

private:
    static std::filesystem::path file_for(const Lab& lab, unsigned node) {
        static unsigned count = 0;
        return lab.directory() / fmt::format("omping-{}-{}", node, ++count);
    }

    lab::Log log_;
    lab::Process process_;
};

std::string named_original() {
    const char* named = std::getenv("OMPING_BIN");
    return named == nullptr ? "" : named;
}

class OmpingTest : public RingTest {
protected:
    void set_up() {
        RingTest::set_up("TTT", {}, false);
        if (ready()) hub_.emplace(laboratory().manifest().hub);
    }

    Words hosts(lab::Family family = lab::Family::ipv4) {
        Words out;
        for (const unsigned node : laboratory().all())
            out.push_back(lab::node_address(node, family));
        return out;
    }
    Pinger start(unsigned node, const std::string& program, Words words, const Words& names) {
        words.insert(words.begin(), program);
        words.insert(words.end(), names.begin(), names.end());
        return {laboratory(), node, words};
    }
    void in_hub(const Words& command) {
        const auto finished = lab::run_in(*hub_, lab::Inside::network, command, milliseconds(10000));
        ASSERT_EQ(finished.status, 0) << lab::join(command) << ": " << finished.err;
    }

    // --- the qualifier
    std::filesystem::path report_of(unsigned node) {
        // What a node may write, and we may read.
        const auto directory =
            node <= laboratory().size() ? laboratory().node_directory(node) : laboratory().directory();
        return directory / fmt::format("report-{}.json", node);
    }
    Words qualify(unsigned node, unsigned burst, unsigned seconds) {
        return {"--qualify",
                "--burst-count",
                std::to_string(burst),
                "--long-seconds",
                std::to_string(seconds),
                "--join-timeout",
                "20",
                "--json",
                report_of(node).string()};
    }
    // All three nodes at once; the reports by node.
    std::map<unsigned, json> qualify_all(unsigned burst, unsigned seconds, lab::Family family = lab::Family::ipv4) {
        std::vector<Pinger> running;
        for (const unsigned node : laboratory().all())
            running.push_back(start(node, omping(), qualify(node, burst, seconds), hosts(family)));
        std::map<unsigned, json> reports;
        for (const unsigned node : laboratory().all()) {
            const int status = running[node - 1].wait(milliseconds(120000));
            reports[node] = read_report(node, status, running[node - 1].text());
        }
        return reports;
    }
    // Exit status, last line and report must agree.
    json read_report(unsigned node, int status, const std::string& text) {
        static const std::map<std::string, int> statuses = {{"PASS", 0}, {"WARN", 10}, {"FAIL", 11}};
        json report = json::parse(lab::read_file(report_of(node)), nullptr, false);
        EXPECT_TRUE(report.is_object()) << text;
        if (!report.is_object()) return json::object();
        const std::string verdict = report.value("verdict", "");
        EXPECT_EQ(status, statuses.count(verdict) == 1 ? statuses.at(verdict) : -1);
        EXPECT_TRUE(text.ends_with("\nVERDICT: " + verdict + "\n")) << text;
        return report;
    }
    static json check(const json& report, const std::string& id) {
        for (const json& each : report.value("checks", json::array())) {
            if (each["id"] == id) return each;
        }
        ADD_FAILURE() << "no check " << id;
        return json::object();
    }
    static void expect_verdict(const json& report, const std::string& id, const std::string& verdict) {
        const json found = check(report, id);
        EXPECT_EQ(found.value("verdict", ""), verdict) << found.dump(1);
    }
    // How often it was asked and answered there.
    static json test_of(const json& report, const std::string& to, const std::string& name) {
        for (const json& pair : report.value("pairs", json::array())) {
            if (pair["to"] != to || !pair.contains("tests")) continue;
            for (const json& test : pair["tests"]) {
                if (test["name"] == name) return test;
            }
        }
        ADD_FAILURE() << "no " << name << " test with " << to;
        return json::object();
    }

    std::optional<lab::HostEntry> hub_;
};

// --- ours among ours

struct Way {
    std::string name;
    Words words;
    lab::Family family = lab::Family::ipv4;
};

const std::vector<Way> ways = {{"asm", {}},
                               {"ssm", {"-M", "ssm"}},
                               {"ipbc", {"-M", "ipbc"}},
                               {"ipv6", {"-6"}, lab::Family::ipv6},
                               {"ssm6", {"-6", "-M", "ssm"}, lab::Family::ipv6}};

// The summary of a host by cast: sent and received.
std::map<std::string, std::pair<unsigned, unsigned>> summary_of(const std::string& text, const std::string& host) {
    std::map<std::string, std::pair<unsigned, unsigned>> out;
    const std::regex line("^" + host + R"( : +(\w+), xmt/rcv/%loss = (\d+)/(\d+)(\+\d+)?/\d+%.*$)",
                          std::regex::multiline);
    for (std::sregex_iterator each(text.begin(), text.end(), line), end; each != end; ++each)
        out[(*each)[1]] = {static_cast<unsigned>(std::stoul((*each)[2])),
                           static_cast<unsigned>(std::stoul((*each)[3]))};
    return out;
}

// Each host answered all, to the one that asked and to the group.
void expect_all_answered(const std::string& text, const std::string& host, unsigned least) {
    const auto summary = summary_of(text, host);
    EXPECT_EQ(summary.size(), 2u) << host << "\n" << text;
    for (const auto& [cast, counts] : summary) {
        EXPECT_GE(counts.first, least) << cast << " " << host << "\n" << text;
        // The last may still be on its way.
        EXPECT_GE(counts.second + 1, counts.first) << cast << " " << host << "\n" << text;
    }
}

void PrintTo(const Way& way, std::ostream* out) {
    *out << way.name;
}

class OmpingWayTest : public OmpingTest, public testing::WithParamInterface<Way> {
protected:
    void give_broadcast_address(unsigned node) {
        const std::string own = lab::node_address(node, lab::Family::ipv4) + "/24";
        for (const Words& words : {Words{"ip", "addr", "del", own, "dev", "eth0"},
                                   Words{"ip", "addr", "add", own, "broadcast", "+", "dev", "eth0"}}) {
            const auto done = laboratory().run(node, words);
            ASSERT_EQ(done.status, 0) << done.err;
        }
    }

    // On all nodes, with these programs.
    void ping_all(const Words& programs, const Words& further, unsigned least) {
        Words words = further;
        words.insert(words.end(), GetParam().words.begin(), GetParam().words.end());
        if (GetParam().name == "ipbc") {
            for (const unsigned node : laboratory().all())
                give_broadcast_address(node);
        }
        const Words names = hosts(GetParam().family);
        std::vector<Pinger> running;
        for (const unsigned node : laboratory().all())
            running.push_back(start(node, programs[node - 1], words, names));
        for (const unsigned node : laboratory().all()) {
            EXPECT_EQ(running[node - 1].wait(milliseconds(60000)), 0) << running[node - 1].text();
            for (const unsigned other : laboratory().all()) {
                if (other != node) {
                    expect_all_answered(running[node - 1].text(), lab::node_address(other, GetParam().family), least);
                }
            }
        }
    }
};

TEST_P(OmpingWayTest, ThreeOfOurs) {
    set_up();
    if (!ready()) return;
    // The first that is through tells the others to stop.
    ping_all({omping(), omping(), omping()}, {"-c", "400", "-i", "0.01", "-F", "-q"}, 50);
}

TEST_P(OmpingWayTest, AmongOriginals) {
    const auto original = named_original();
    if (original.empty()) GTEST_SKIP() << "NOT TESTED: OMPING_BIN does not name the original omping";
    set_up();
    if (!ready()) return;
    ping_all({omping(), original, original}, {"-c", "400", "-i", "0.01", "-F", "-q"}, 50);
}

INSTANTIATE_TEST_SUITE_P(Ways, OmpingWayTest, testing::ValuesIn(ways), [](const auto& way) { return way.param.name; });

TEST_F(OmpingTest, TellsItsVersionToWhoAsks) {
    set_up();
    if (!ready()) return;
    auto answering = start(2, omping(), {"-qq"}, hosts());
    auto other = start(3, omping(), {"-qq"}, hosts());
    auto asking = start(1, omping(), {"-VV"}, hosts());
    EXPECT_EQ(asking.wait(milliseconds(20000)), 0);
    EXPECT_NE(asking.text().find("\n10.77.0.2 : omping 0.0.5"), std::string::npos) << asking.text();
}

TEST_F(OmpingTest, SaysWhichInterfaceLacksABroadcastAddress) {
    set_up();
    if (!ready()) return;
    auto ours = start(1, omping(), {"-M", "ipbc"}, hosts());
    EXPECT_EQ(ours.wait(milliseconds(10000)), 1);
    EXPECT_EQ(ours.text(), "omping: interface eth0 has no broadcast address\n");
}

// --- with the original

class OmpingOriginalTest : public OmpingTest {
protected:
    void set_up() {
        original_ = named_original();
        if (original_.empty()) GTEST_SKIP() << "NOT TESTED: OMPING_BIN does not name the original omping";
        OmpingTest::set_up();
    }
    static double loss(const std::pair<unsigned, unsigned>& counts) {
        return 100.0 * (counts.first - counts.second) / std::max(1u, counts.first);
    }

    std::string original_;
};

TEST_F(OmpingOriginalTest, BothFindTheSameLoss) {
    set_up();
    if (!ready() || IsSkipped()) return;
    laboratory().set_loss(0.02);
    const Words names = {"10.77.0.1", "10.77.0.2"};
    const Words words = {"-c", "6000", "-i", "0.002", "-F", "-q"};
    auto ours = start(1, omping(), words, names);
    auto theirs = start(2, original_, words, names);
    EXPECT_EQ(ours.wait(milliseconds(90000)), 0);
    EXPECT_EQ(theirs.wait(milliseconds(90000)), 0);
    auto here = summary_of(ours.text(), "10.77.0.2"), there = summary_of(theirs.text(), "10.77.0.1");
    for (const char* cast : {"unicast", "multicast"}) {
        ASSERT_GE(here[cast].first, 4000u) << ours.text();
        ASSERT_GE(there[cast].first, 4000u) << theirs.text();
        EXPECT_GT(loss(here[cast]), 2) << cast << ": 2 % there and 2 % back";
        EXPECT_NEAR(loss(here[cast]), loss(there[cast]), 1) << cast << "\n" << ours.text() << theirs.text();
    }
}

TEST_F(OmpingOriginalTest, QualifiesAgainstAnOriginalThatOnlyAnswers) {
    set_up();
    if (!ready() || IsSkipped()) return;
    auto second = start(2, original_, {"-qq", "-r", "0"}, hosts());
    auto third = start(3, original_, {"-qq", "-r", "0"}, hosts());
    auto ours = start(1, omping(), qualify(1, 500, 5), hosts());
    const int status = ours.wait(milliseconds(90000));
    const json report = read_report(1, status, ours.text());
    for (const char* id : {"reachability", "answer_rate", "unicast_loss", "group_loss", "group_startup", "querier",
                           "mtu", "clock", "duplicates"})
        expect_verdict(report, id, "PASS");
    EXPECT_EQ(test_of(report, "10.77.0.3", "burst")["group"]["received"], 500);
    // They ping each other until somebody ends them.
    EXPECT_EQ(second.interrupt(), 0);
    EXPECT_EQ(third.interrupt(), 0);
}

// --- the qualifier

class OmpingFamilyTest : public OmpingTest, public testing::WithParamInterface<lab::Family> {};

TEST_P(OmpingFamilyTest, AGoodNetworkPassesAndNodesTellEachOther) {
    set_up();
    if (!ready()) return;
    const auto reports = qualify_all(500, 5, GetParam());
    for (const auto& [node, report] : reports) {
        for (const char* id : {"reachability", "subnet", "answer_rate", "unicast_loss", "group_loss", "group_startup",
                               "querier", "duplicates", "mtu", "headroom", "clock"})
            expect_verdict(report, id, "PASS");
        expect_verdict(report, "group_life", "NOT TESTED");
        // The round trips are this machine's affair, and those alone.
        for (const json& each : report["checks"]) {
            const bool time = each["id"].get<std::string>().starts_with("rtt_");
            EXPECT_TRUE(time || each["verdict"] != "FAIL") << each.dump(1);
        }
        EXPECT_EQ(report["pairs"].size(), 6u) << "every ordered pair, from node " << node;
        EXPECT_EQ(report["igmp"]["unjoined_group"], "flooded");
    }
}

INSTANTIATE_TEST_SUITE_P(Families, OmpingFamilyTest, testing::Values(lab::Family::ipv4, lab::Family::ipv6),
                         [](const auto& family) { return to_string(family.param); });

TEST_F(OmpingTest, LossFails) {
    set_up();
    if (!ready()) return;
    laboratory().set_loss(3, 0.03);
    const json report = qualify_all(3000, 5)[1];
    expect_verdict(report, "unicast_loss", "FAIL");
    expect_verdict(report, "group_loss", "FAIL");
    EXPECT_EQ(report["verdict"], "FAIL");
    const json bad = test_of(report, "10.77.0.3", "burst");
    EXPECT_NEAR(bad["unicast"]["loss_percent"].get<double>(), 3, 1.5);
    const json good = test_of(report, "10.77.0.2", "burst");
    EXPECT_EQ(good["unicast"]["loss_percent"], 0);
    EXPECT_FALSE(bad["unicast"]["gaps"].empty());
}

TEST_F(OmpingTest, ALongWayFails) {
    set_up();
    if (!ready()) return;
    in_hub({"ip", "link", "add", "far", "type", "veth", "peer", "name", "near"});
    in_hub({"ip", "link", "set", "port0-3", "nomaster"});
    in_hub({"ip", "link", "set", "near", "master", "br0", "up"});
    in_hub({"ip", "link", "set", "far", "up"});
    const DelayLine delay(*hub_, "far", "port0-3", milliseconds(5));
    const json report = qualify_all(500, 5)[1];
    expect_verdict(report, "rtt_p99", "FAIL");
    EXPECT_EQ(report["verdict"], "FAIL");
    for (const char* cast : {"unicast", "group"}) {
        EXPECT_GE(test_of(report, "10.77.0.3", "long")[cast]["rtt_min_us"].get<double>(), 10000);
        EXPECT_LT(test_of(report, "10.77.0.2", "long")[cast]["rtt_min_us"].get<double>(), 10000);
    }
    expect_verdict(report, "unicast_loss", "PASS");
}

TEST_F(OmpingTest, ASmallMtuFails) {
    set_up();
    if (!ready()) return;
    ASSERT_EQ(laboratory().run(3, {"ip", "link", "set", "eth0", "mtu", "1280"}).status, 0);
    const json report = qualify_all(200, 5)[1];
    expect_verdict(report, "mtu", "FAIL");
    EXPECT_NE(check(report, "mtu").value("reason", "").find("10.77.0.3"), std::string::npos);
    for (const json& path : report["mtu"]) {
        const unsigned found = path["path_mtu_bytes"].get<unsigned>();
        if (path["to"] != "10.77.0.3") {
            EXPECT_EQ(found, 1500u);
            continue;
        }
        // A virtual cable lets four bytes more pass, for the tag of a VLAN.
        EXPECT_GE(found, 1280u);
        EXPECT_LE(found, 1284u);
    }
    expect_verdict(report, "unicast_loss", "PASS");
}

TEST_F(OmpingTest, ABridgeThatSnoopsWithoutQuerierFailsAndWithOnePasses) {
    set_up();
    if (!ready()) return;
    in_hub({"ip", "addr", "add", "10.77.0.100/24", "dev", "br0"});
    in_hub({"ip", "link", "set", "br0", "type", "bridge", "mcast_snooping", "1"});
    Words names = hosts();
    names.push_back("10.77.0.100");
    const auto on_bridge = [&] {
        std::vector<Pinger> answering;
        for (const unsigned node : laboratory().all())
            answering.push_back(start(node, omping(), {"-qq", "-r", "0", "-E"}, names));
        // With the /sys of the hub's network, which is where its bridges are.
        Words command = {"unshare", "-m", "sh", "-c", "mount -t sysfs sysfs /sys && exec \"$@\"", "sh", omping()};
        const Words words = qualify(100, 200, 5);
        command.insert(command.end(), words.begin(), words.end());
        command.insert(command.end(), names.begin(), names.end());
        const auto finished = lab::run_in(*hub_, lab::Inside::network, command, milliseconds(90000));
        return read_report(100, finished.status, finished.out);
    };
    json report = on_bridge();
    expect_verdict(report, "querier", "FAIL");
    EXPECT_NE(check(report, "querier").value("reason", "").find("bridge br0"), std::string::npos);
    in_hub({"ip", "link", "set", "br0", "type", "bridge", "mcast_querier", "1"});
    report = on_bridge();
    expect_verdict(report, "querier", "PASS");
    EXPECT_FALSE(report["igmp"]["queriers"].empty());
}

// As a switch does that snoops while nobody asks who the members are: only faster than in 260 s.
TEST_F(OmpingTest, GroupTrafficThatEndsFails) {
    set_up();
    if (!ready()) return;
    in_hub({"nft",
            "add table bridge quiet; add chain bridge quiet out { type filter hook output priority 0; }; "
            "add rule bridge quiet out ip protocol igmp drop"});
    // It prunes from the time on that answers to its first query could have come, which is short here.
    in_hub({"ip", "link", "set", "br0", "type", "bridge", "mcast_query_response_interval", "10"});
    in_hub({"ip", "link", "set", "br0", "type", "bridge", "mcast_membership_interval", "800"});
    in_hub({"ip", "link", "set", "br0", "type", "bridge", "mcast_snooping", "1", "mcast_querier", "1"});
    const json report = qualify_all(200, 20)[1];
    expect_verdict(report, "group_life", "FAIL");
    EXPECT_EQ(report["igmp"]["unjoined_group"], "pruned");
    EXPECT_TRUE(report["igmp"]["queriers"].empty()) << "it was kept from asking";
    EXPECT_NE(check(report, "querier").value("verdict", ""), "PASS");
    expect_verdict(report, "unicast_loss", "PASS");
}

}  // namespace
}  // namespace conformance
