// cmap and cfg as Debian's tools and libraries see them: the same questions to totemd and to a real corosync in one
// ring must have the same answers.
#include <fmt/format.h>
#include <algorithm>
#include <regex>
#include <set>
#include <sstream>

#include "conformance/tests/support.hpp"

namespace conformance {
namespace {

constexpr unsigned ours = 1, theirs = 2;

using Lines = std::vector<std::string>;

Lines lines_of(const std::string& text) {
    Lines result;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        result.push_back(line);
    return result;
}

// "key (type)"
std::string without_value(const std::string& line) {
    return line.substr(0, line.find(" = "));
}

// Keys of real corosync that totemd does not have, and why.
bool excused(const std::string& line) {
    static const std::regex known(
        // The resource monitor and the watchdog are engines totemd does not have.
        "internal_configuration\\.service\\.[67]\\..*|runtime\\.services\\.(mon|wd)\\..*|resources\\..*|"
        // Upstream forgets the bind address in a reload, though it is in force.
        "totem\\.interface\\.0\\.bindnetaddr .*|"
        // Debian's corosync is built with knet, and counts for it even without.
        "stats\\.knet\\..*");
    return std::regex_match(line, known);
}

// Connections have numbers and processes of their own.
std::string any_connection(const std::string& line) {
    static const std::regex connection("(stats\\.ipcs\\.service[0-9]+\\.)[0-9]+\\.0x[0-9a-f]+");
    return std::regex_replace(line, connection, "$1PID.ID");
}

class AdministrationTest : public RingTest {
protected:
    void SetUp() override {
        lab::Plan plan;
        plan.transport = Transport::udpu;
        set_up("TC", plan);
        if (HasFatalFailure() || IsSkipped()) return;
        calls_ = lab::beside_us("totem-calls");
    }

    std::string run(unsigned node, const lab::Arguments& command, int status = 0) {
        const auto done = laboratory().run(node, command);
        EXPECT_EQ(done.status, status) << command.back() << " on node " << node << ": " << done.out << done.err;
        return done.out + done.err;
    }
    std::string map(unsigned node, const std::string& key) { return run(node, {"corosync-cmapctl", "-g", key}); }

    // Both must answer with the same text, once each node's own names are swapped.
    void expect_alike(const lab::Arguments& command, int status = 0) {
        EXPECT_EQ(as_of_one_node(run(ours, command, status), ours),
                  as_of_one_node(run(theirs, command, status), theirs))
            << fmt::format("{}", command.back());
    }

    static std::string as_of_one_node(std::string text, unsigned node) {
        if (node == theirs) {
            static const std::regex own(
                "(10\\.77\\.0\\.|nodeid: +|node ID |local get 1 |addresses of |node status |[ (]node )([12])");
            std::string swapped;
            std::sregex_iterator at(text.begin(), text.end(), own);
            std::size_t copied = 0;
            for (; at != std::sregex_iterator(); ++at) {
                swapped += text.substr(copied, static_cast<std::size_t>(at->position()) - copied);
                swapped += (*at)[1].str() + ((*at)[2] == "1" ? "2" : "1");
                copied = static_cast<std::size_t>(at->position() + at->length());
            }
            text = swapped + text.substr(copied);
        }
        auto lines = lines_of(text);
        // libcpg tells standard error when it waits for room in the middle of a large message.
        std::erase_if(lines, [](const auto& line) { return line.starts_with("sleep. counter="); });
        std::sort(lines.begin(), lines.end());
        return fmt::format("{}", fmt::join(lines, "\n"));
    }

    void configure_all(const std::function<void(std::string&)>& edit) {
        for (const auto node : laboratory().all()) {
            std::string text = lab::read_file(laboratory().node_directory(node) / "etc/corosync.conf");
            edit(text);
            laboratory().configure(node, text);
        }
    }
    static void replace(std::string& text, const std::string& what, const std::string& with) {
        const auto at = text.find(what);
        ASSERT_NE(at, std::string::npos) << what;
        text.replace(at, what.size(), with);
    }

    // Waits until a reload that one node asked for is over on the other.
    bool settled(unsigned node, int status) {
        return lab::wait_until(milliseconds(10000), [&] {
            const auto out = laboratory().run(node, {"corosync-cmapctl", "config."}).out;
            return out.find("config.reload_in_progress (u8) = 0") != std::string::npos &&
                   out.find(fmt::format("config.reload_status (i32) = {}", status)) != std::string::npos;
        });
    }

    std::filesystem::path calls_;
};

TEST_F(AdministrationTest, BothMapsHaveTheSameKeysAndConfiguration) {
    if (!ready()) return;
    for (const lab::Arguments& dump : {lab::Arguments{"corosync-cmapctl"}, {"corosync-cmapctl", "-m", "stats"}}) {
        std::set<std::string> keys[2], values[2];
        for (const unsigned node : {ours, theirs}) {
            for (const auto& line : lines_of(run(node, dump))) {
                if (excused(line)) continue;
                keys[node - 1].insert(any_connection(without_value(line)));
                for (const char* prefix : {"runtime.config.", "totem.", "logging.", "quorum.", "internal_", "system.",
                                           "nodelist.node.", "runtime.members.", "runtime.blackbox", "runtime.force"}) {
                    if (line.starts_with(prefix)) values[node - 1].insert(line);
                }
            }
        }
        EXPECT_EQ(keys[0], keys[1]);
        // How often a node has seen another join depends on who came first.
        for (auto& set : values)
            std::erase_if(set, [](const auto& line) { return line.find("join_count") != std::string::npos; });
        EXPECT_EQ(values[0], values[1]);
    }
}

TEST_F(AdministrationTest, LibraryCallsAreAnsweredAlike) {
    if (!ready()) return;
    for (const char* section :
         {"cmap-values", "cmap-iteration", "cmap-tracking", "cmap-stats", "cmap-typed", "handles", "sam"}) {
        SCOPED_TRACE(section);
        EXPECT_EQ(run(ours, {calls_, section}), run(theirs, {calls_, section}));
    }
    for (const char* section : {"cfg-questions", "cpg-group", "cpg-models"})
        expect_alike({calls_, section});
}

TEST_F(AdministrationTest, ToolsPrintAndExitAlike) {
    if (!ready()) return;
    for (const char* option : {"-s", "-n", "-L"})
        expect_alike({"corosync-cfgtool", option});
    EXPECT_NE(run(ours, {"corosync-cfgtool", "-sb"}).find("= n3"), std::string::npos);
    EXPECT_NE(run(theirs, {"corosync-cfgtool", "-sb"}).find("= 3n"), std::string::npos);
    EXPECT_EQ(run(ours, {"corosync-cfgtool", "-a", "1"}), run(theirs, {"corosync-cfgtool", "-a", "1"}));
    expect_alike({"corosync-cfgtool", "-a", "9"}, 1);
    expect_alike({"corosync-cfgtool", "-k", "9"}, 1);
    expect_alike({"corosync-cfgtool", "-k", "0"}, 1);
    expect_alike({"corosync-cmapctl", "-s", "tools.key", "u16", "7"});
    expect_alike({"corosync-cmapctl", "-g", "tools.key"});
    expect_alike({"corosync-cmapctl", "-s", "totem.transport", "str", "knet"}, 1);
    expect_alike({"corosync-cmapctl", "-D", "tools."});
    expect_alike({"corosync-cmapctl", "-g", "tools.key"}, 1);
    expect_alike({"corosync-cmapctl", "-m", "stats", "-s", "stats.clear.all", "u8", "1"});
    laboratory().kill(theirs);
    laboratory().wait_ring({ours});
    EXPECT_EQ(run(ours, {"corosync-cfgtool", "-n"}).find("connected"), std::string::npos);
    EXPECT_NE(map(ours, "runtime.members.2.status").find("= left"), std::string::npos);
    laboratory().start(theirs);
    laboratory().wait_ring({ours, theirs});
    EXPECT_NE(map(ours, "runtime.members.2.join_count").find("= 2"), std::string::npos);
}

TEST_F(AdministrationTest, AReloadIsSeenAlikeFromBothSides) {
    if (!ready()) return;
    const auto compare = [&] {
        for (const char* prefix : {"config.", "totem.", "nodelist.node", "logging.", "runtime.config."}) {
            Lines seen[2];
            for (const unsigned node : {ours, theirs}) {
                seen[node - 1] = lines_of(laboratory().run(node, {"corosync-cmapctl", prefix}).out);
                std::erase_if(seen[node - 1], excused);
                // Upstream's are those of the configuration before, without knet.
                std::erase_if(seen[node - 1],
                              [](const auto& line) { return line.find("knet_ping_") != std::string::npos; });
            }
            EXPECT_EQ(seen[0], seen[1]) << prefix;
        }
    };
    configure_all([](std::string& text) {
        replace(text, "token: 1000", "token: 1500");
        replace(text, "debug: off", "debug: on");
        replace(text, "nodelist {\n",
                "nodelist {\n    node {\n        ring0_addr: 10.77.0.9\n        nodeid: 9\n"
                "        name: node9\n    }\n");
    });
    run(theirs, {"corosync-cfgtool", "-R"});
    ASSERT_TRUE(settled(ours, 1)) << "it is told to everybody";
    compare();
    EXPECT_NE(map(ours, "runtime.config.totem.token").find("= 2150"), std::string::npos);
    EXPECT_TRUE(laboratory().log(ours).wait_for("adding new UDPU member {10.77.0.9}", milliseconds(5000)));

    configure_all([](std::string& text) {
        replace(text, "token: 1500", "token: 1500\n    token_coefficient: 0");
        replace(text, "transport: udpu", "transport: udp");
        replace(text, "cluster_name: lab", "cluster_name: lob");
    });
    run(ours, {"corosync-cfgtool", "-R"});
    ASSERT_TRUE(settled(theirs, 1));
    compare();
    for (const char* key : {"totem.transport", "totem.cluster_name"}) {
        const auto text = fmt::format("Modified entry '{}' in corosync.conf cannot be changed at run-time", key);
        EXPECT_EQ(laboratory().log(ours).count(text), 1u);
        EXPECT_EQ(laboratory().log(theirs).count(text), 1u);
    }

    configure_all([](std::string& text) { replace(text, "token: 1500", "token: 10"); });
    for (const unsigned asking : {ours, theirs}) {
        run(asking, {"corosync-cfgtool", "-R"}, 7);
        ASSERT_TRUE(settled(ours, 7));
        ASSERT_TRUE(settled(theirs, 7));
        compare();
    }
    configure_all([](std::string& text) { text += "nonsense\n"; });
    expect_alike({"corosync-cfgtool", "-R"}, 7);
    EXPECT_NE(map(ours, "runtime.config.totem.token").find("= 1500"), std::string::npos) << "nothing has changed";
    laboratory().wait_ring({ours, theirs});
}

TEST_F(AdministrationTest, SingleKeysHaveTheirEffect) {
    if (!ready()) return;
    expect_alike({"corosync-cmapctl", "-s", "totem.token", "u32", "1400"});
    for (const char* key : {"token", "token_retransmit", "hold", "consensus"})
        expect_alike({"corosync-cmapctl", "-g", fmt::format("runtime.config.totem.{}", key)});
    expect_alike({"corosync-cmapctl", "-d", "totem.token"});
    expect_alike({"corosync-cmapctl", "-g", "runtime.config.totem.token"});

    const auto marks = log_marks();
    run(ours, {"corosync-cmapctl", "-s", "runtime.force_gather", "str", "yes"});
    EXPECT_TRUE(
        laboratory().log(ours).wait_for("Completed service synchronization", milliseconds(10000), marks.at(ours)));
    EXPECT_NE(map(ours, "runtime.force_gather").find("= no"), std::string::npos);

    run(ours, {"corosync-cmapctl", "-s", "totem.config_version", "u64", "5"});
    EXPECT_TRUE(lab::wait_until(milliseconds(5000), [&] {
        return map(theirs, "runtime.members.1.config_version").find("= 5") != std::string::npos;
    })) << "a new version is told to everybody";
}

TEST_F(AdministrationTest, ShutdownVotesEndAlike) {
    if (!ready()) return;
    for (const unsigned node : {ours, theirs})
        run(node, {"corosync-cmapctl", "-s", "cfg.shutdown_timeout", "u32", "500"});
    expect_alike({calls_, "cfg-vote", "no", "0"});
    expect_alike({calls_, "cfg-vote", "none", "0"});
    EXPECT_TRUE(laboratory().running(ours) && laboratory().running(theirs));
    EXPECT_EQ(run(ours, {calls_, "cfg-vote", "yes", "0"}), "track start 1\nasked, flags 0\nreply 1\ntry shutdown 1\n");
    ASSERT_TRUE(lab::wait_until(milliseconds(10000), [&] { return !laboratory().running(ours); }));
    EXPECT_EQ(laboratory().exit_code(ours), 0);
    EXPECT_TRUE(laboratory().log(theirs).wait_for("Node 1 was shut down by sysadmin", milliseconds(5000)));
}

TEST_F(AdministrationTest, RegardlessAndLeavingTrackersGrantIt) {
    if (!ready()) return;
    EXPECT_EQ(run(ours, {calls_, "cfg-vote", "no", "1"}), "track start 1\nasked, flags 1\nreply 1\ntry shutdown 1\n");
    ASSERT_TRUE(lab::wait_until(milliseconds(10000), [&] { return !laboratory().running(ours); }));
    laboratory().start(ours);
    laboratory().wait_ring({ours, theirs});
    const auto told = run(ours, {calls_, "cfg-vote", "leave", "0"});
    EXPECT_NE(told.find("try shutdown 1\n"), std::string::npos) << told;
    ASSERT_TRUE(lab::wait_until(milliseconds(10000), [&] { return !laboratory().running(ours); }));
    EXPECT_EQ(laboratory().exit_code(ours), 0);
}

TEST_F(AdministrationTest, NodesKillEachOther) {
    if (!ready()) return;
    run(theirs, {"corosync-cfgtool", "-k", "1"});
    ASSERT_TRUE(lab::wait_until(milliseconds(10000), [&] { return !laboratory().running(ours); }));
    EXPECT_EQ(laboratory().exit_code(ours), 255);
    EXPECT_EQ(laboratory().log(ours).count("Killed by node 2 : "), 1u);
    laboratory().start(ours);
    laboratory().wait_ring({ours, theirs});
    run(ours, {"corosync-cfgtool", "-k", "2"});
    ASSERT_TRUE(lab::wait_until(milliseconds(10000), [&] { return !laboratory().running(theirs); }));
    EXPECT_EQ(laboratory().exit_code(theirs), 255);
}

TEST_F(AdministrationTest, ShutdownByTool) {
    if (!ready()) return;
    EXPECT_EQ(run(ours, {"corosync-cfgtool", "-H"}), "Shutting down corosync\n");
    ASSERT_TRUE(lab::wait_until(milliseconds(10000), [&] { return !laboratory().running(ours); }));
    EXPECT_EQ(laboratory().exit_code(ours), 0);
}

// As a user whom the map does not know, then one it does.
TEST_F(AdministrationTest, UsersAreAllowedAtRunTime) {
    if (!ready()) return;
    const lab::Arguments as_user = {"setpriv",          "--reuid=4711", "--regid=4711", "--clear-groups",
                                    "corosync-cmapctl", "-g",           "totem.version"};
    for (const unsigned node : {ours, theirs}) {
        EXPECT_NE(run(node, as_user, 1).find("CS_ERR_ACCESS"), std::string::npos);
        run(node, {"corosync-cmapctl", "-s", "uidgid.gid.4711", "u8", "1"});
        EXPECT_EQ(run(node, as_user), "totem.version (u32) = 2\n");
        run(node, {"corosync-cmapctl", "-s", "uidgid.gid.4711", "u8", "0"});
        EXPECT_NE(run(node, as_user, 1).find("CS_ERR_ACCESS"), std::string::npos);
    }
}

TEST_F(AdministrationTest, ChangesAreTrackedAlike) {
    if (!ready()) return;
    using Words = std::vector<std::string>;
    const auto tracked = [this](unsigned node, const Words& options, const std::string& last_key) {
        const auto map = [&](Words words) {
            words.insert(words.begin(), "corosync-cmapctl");
            run(node, words);
        };
        Words command = {"corosync-cmapctl"};
        command.insert(command.end(), options.begin(), options.end());
        RunningTool tool(laboratory(), node, command);
        EXPECT_TRUE(tool.output().wait_for("Type \"q\" to finish", milliseconds(10000)));
        for (const Words& change : {Words{"-s", "track.one", "u8", "1"},
                                    {"-s", "track.one", "u8", "1"},
                                    {"-s", "track.one", "u8", "2"},
                                    {"-s", "track.one", "str", "of another type"},
                                    {"-s", "track.one.more", "u8", "1"},
                                    {"-s", "track.some.b", "i32", "5"},
                                    {"-s", "track.some.a", "flt", "1.5"},
                                    {"-d", "track.one"},
                                    {"-D", "track."},
                                    {"-s", last_key, "str", "end"}})
            map(change);
        EXPECT_TRUE(tool.output().wait_for("= end", milliseconds(10000))) << tool.output().text();
        const std::string told = tool.end("q\n");
        map({"-D", "track."});
        return told;
    };
    for (const auto& [options, last_key] : {std::pair<Words, std::string>{{"-t", "track.one"}, "track.one"},
                                            {{"-T", "track.some."}, "track.some.z"},
                                            {{"-T", "track."}, "track.z"},
                                            {{"-t", "track.one", "-T", "track.s"}, "track.one"}}) {
        SCOPED_TRACE(options.back());
        EXPECT_EQ(tracked(ours, options, last_key), tracked(theirs, options, last_key));
    }
}

TEST_F(AdministrationTest, NotifydSeesNodesLeaveAndJoin) {
    if (!ready()) return;
    RunningTool notifyd(laboratory(), ours, {"corosync-notifyd", "-f", "-l", "-o"});
    ASSERT_TRUE(lab::wait_until(milliseconds(10000), [&] {
        return run(ours, {"corosync-cmapctl", "-m", "stats", "stats.ipcs."}).find("corosync-notify") !=
               std::string::npos;
    }));
    laboratory().kill(theirs);
    EXPECT_TRUE(notifyd.output().wait_for("left", milliseconds(15000)));
    laboratory().start(theirs);
    EXPECT_TRUE(notifyd.output().wait_for("joined", milliseconds(15000)));
    EXPECT_TRUE(notifyd.running());
}

}  // namespace
}  // namespace conformance
