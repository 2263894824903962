// cfsd and a real pmxcfs hold one file system together, whoever is the node with the lowest id, and open each other's
// databases. The ring is corosync's, ours, or of both.
#include <fmt/format.h>

#include <regex>
#include <thread>

#include "conformance/tests/store_test_base.hpp"

namespace conformance {
namespace {

namespace fs = std::filesystem;

// One letter per node, node 1 first: F cfsd, 5 and 9 the pmxcfs of that pve-cluster.
std::vector<lab::StoreKind> store_kinds(const std::string& mix) {
    std::vector<lab::StoreKind> result;
    for (const char letter : mix) {
        result.push_back(letter == 'F'   ? lab::StoreKind::cfsd
                         : letter == '5' ? lab::StoreKind::pmxcfs5
                                         : lab::StoreKind::pmxcfs9);
    }
    return result;
}

struct PeerCase {
    std::string daemons;
    std::string stores;
};
void PrintTo(const PeerCase& value, std::ostream* out) {
    *out << value.daemons << ' ' << value.stores;
}
std::string peer_case_name(const testing::TestParamInfo<PeerCase>& info) {
    return info.param.daemons + "_" + info.param.stores;
}

class StorePeerBase : public StoreTest {
protected:
    void set_up_peers(const PeerCase& mix) {
        lab::Plan plan;
        plan.transport = Transport::udpu;
        const auto has = [&](char kind) { return mix.stores.find(kind) != std::string::npos; };
        mixed_generations_ = has('5') && has('9');
        const bool newer = has('9') && !has('5');
        largest_file_ = newer ? 1048576 : 524288;
        set_up_stores(mix.daemons, plan, {"--peers", newer ? "9" : "5"}, store_kinds(mix.stores));
    }
    void expect_limit_of_files() {
        for (const auto node : laboratory().all()) {
            output(node, fmt::format("head -c {} /dev/zero > largest-{}", largest_file_, node));
            // Real ones send what is too large and refuse it on delivery: between both generations trees would differ.
            if (mixed_generations_ && stores().kind(node) != lab::StoreKind::cfsd) continue;
            const auto said = error(node, fmt::format("head -c {} /dev/zero > larger-{}", largest_file_ + 1, node));
            EXPECT_NE(said.find("File too large"), std::string::npos) << "node " << node << ": " << said;
        }
    }
    lab::Nodes all_but(unsigned node) {
        auto nodes = laboratory().all();
        std::erase(nodes, node);
        return nodes;
    }
    void wait_refused(unsigned node) {
        EXPECT_TRUE(lab::wait_until(milliseconds(30000), [&] {
            return error(node, "mkdir refused").find("Permission denied") != std::string::npos;
        })) << stores().log(node);
    }
    // A little of everything that makes rows differ.
    void change(unsigned node, const std::string& name) {
        output(node, fmt::format("mkdir -p {0}/d && echo {0} > {0}/file && seq 1 3000 > {0}/longer && "
                                 "echo 1 > {0}/moved && mv {0}/moved {0}/d && echo gone > {0}/gone && rm {0}/gone && "
                                 "echo changed-{0} > changed && touch -d @1600000000 {0}/file && : > {0}/empty",
                                 name));
    }
    // A real one hangs now and then while it stops its socket; then its service manager kills it, and so is it here.
    void stop(unsigned node) {
        try {
            EXPECT_EQ(stores().stop(node), 0) << stores().log(node);
        } catch (const lab::LabError& error) {
            if (stores().kind(node) == lab::StoreKind::cfsd || !stores().log(node).ends_with("teardown filesystem\n"))
                throw;
            std::cout << fmt::format("real pmxcfs of node {} hangs at its end, is killed\n", node);
            stores().kill(node);
        }
    }
    void stop_all() {
        for (const auto node : laboratory().all())
            stop(node);
    }
    void expect_sound(unsigned node) {
        const auto check = laboratory().run(node, {lab::beside_us("cfs-check"), stores().database(node)});
        EXPECT_EQ(check.status, 0) << "node " << node << ": " << check.out << check.err;
    }
    // The rows, less what says nothing: the type of row 0, and how no content is written.
    std::string rows(unsigned node) {
        auto text = stores().rows(node);
        text = std::regex_replace(text, std::regex("^(0 0 \\d+ \\d+ \\d+) [48] "), "$1 any ");
        return std::regex_replace(text, std::regex("X''(?=\n)"), "NULL");
    }
    void expect_same_rows() {
        for (const auto node : laboratory().all())
            EXPECT_EQ(rows(node), rows(1)) << "node " << node;
    }
    void become_others(const std::map<lab::StoreKind, lab::StoreKind>& changes) {
        for (const auto node : laboratory().all())
            stores().use(node, changes.at(stores().kind(node)));
    }

private:
    unsigned largest_file_ = 0;
    bool mixed_generations_ = false;
};

class StorePeerTest : public StorePeerBase, public testing::WithParamInterface<PeerCase> {
protected:
    void SetUp() override { set_up_peers(GetParam()); }
};

TEST_P(StorePeerTest, OneTreeAndOneDatabase) {
    if (!ready()) return;
    change_from_all_nodes();
    expect_limit_of_files();
    expect_same_everywhere();
    stop_all();
    expect_same_rows();
    for (const auto node : laboratory().all())
        expect_sound(node);
}

TEST_P(StorePeerTest, GuestsBelongToOneNode) {
    if (!ready()) return;
    output(1, "mkdir -p nodes/node1/qemu-server nodes/node1/lxc nodes/node2/qemu-server nodes/node3/lxc");
    output(2, "echo 1 > nodes/node1/qemu-server/100.conf && echo 2 > nodes/node3/lxc/101.conf && echo 3 > temporary");
    // mv gets confused when a rename to a free name says that there is a file.
    const std::string rename = "perl -e 'rename $ARGV[0], $ARGV[1] or die \"$!\\n\"' ";
    for (const auto node : laboratory().all()) {
        for (const std::string& refused :
             {std::string("echo 1 > nodes/node2/qemu-server/100.conf"),
              std::string("echo 1 > nodes/node1/lxc/100.conf"), rename + "temporary nodes/node2/qemu-server/101.conf",
              rename + "nodes/node1/qemu-server/100.conf nodes/node1/qemu-server/101.conf"}) {
            const auto said = error(node, refused);
            EXPECT_NE(said.find("File exists"), std::string::npos)
                << "node " << node << ": " << refused << ": " << said;
        }
    }
    output(3, "mv nodes/node1/qemu-server/100.conf nodes/node2/qemu-server/100.conf");
    output(1, "mv nodes/node2/qemu-server/100.conf nodes/node3/lxc/100.conf");
    output(2, "rm nodes/node3/lxc/101.conf && mv temporary nodes/node2/qemu-server/101.conf");
    for (const auto node : laboratory().all()) {
        const auto list = output(node, "cat .vmlist");
        EXPECT_NE(list.find(R"("100": { "node": "node3", "type": "lxc")"), std::string::npos) << list;
        EXPECT_NE(list.find(R"("101": { "node": "node2", "type": "qemu")"), std::string::npos) << list;
    }
    expect_same_everywhere();
}

TEST_P(StorePeerTest, ALockIsHeldByOneNode) {
    if (!ready()) return;
    output(1, "mkdir -p priv/lock");
    for (const auto holder : laboratory().all()) {
        const auto lock = fmt::format("priv/lock/of-{}", holder);
        output(holder, "mkdir " + lock);
        for (const auto node : laboratory().all()) {
            EXPECT_NE(error(node, "mkdir " + lock).find("File exists"), std::string::npos) << lock << " on " << node;
            EXPECT_NE(error(node, "touch -d @0 " + lock).find("Permission denied"), std::string::npos)
                << lock << " on " << node;
            // Only who holds it may prolong it.
            EXPECT_EQ(stores().shell(node, "touch " + lock).status == 0, node == holder) << lock << " on " << node;
        }
        output(holder % 3 + 1, "rmdir " + lock);
    }
    // All want the same one at once, and one gets it.
    for (int round = 0; round < 5; ++round) {
        std::vector<std::thread> contenders;
        std::atomic<int> held = 0;
        for (const auto node : laboratory().all())
            contenders.emplace_back([&, node] { held += stores().shell(node, "mkdir priv/lock/wanted").status == 0; });
        for (auto& contender : contenders)
            contender.join();
        EXPECT_EQ(held, 1);
        output(1, "rmdir priv/lock/wanted");
    }
    expect_same_everywhere();
}

TEST_P(StorePeerTest, WhoWasAwayCatchesUp) {
    if (!ready()) return;
    change(1, "before");
    for (const unsigned away : {1u, 2u}) {
        for (const bool killed : {false, true}) {
            SCOPED_TRACE(fmt::format("node {} is {}", away, killed ? "killed" : "stopped"));
            if (killed) {
                stores().kill(away);
            } else {
                stop(away);
            }
            stores().wait_writable(all_but(away));
            change(away % 3 + 1, fmt::format("without-{}-{}", away, killed));
            output(3, "rm -r before && mkdir before && echo again > before/file");
            const auto mark = stores().log(away).size();
            stores().start(away);
            stores().wait_writable(laboratory().all());
            EXPECT_NE(stores().log(away).find("update complete - trying to commit", mark), std::string::npos);
            change(away, fmt::format("with-{}-{}", away, killed));
            expect_same_everywhere();
        }
    }
    stop_all();
    expect_same_rows();
}

TEST_P(StorePeerTest, PartsMergeAgain) {
    if (!ready()) return;
    change(2, "before");
    for (const unsigned alone : {1u, 2u}) {
        SCOPED_TRACE(fmt::format("node {} is alone", alone));
        const auto rest = all_but(alone);
        laboratory().partition({{alone}, rest});
        wait_refused(alone);
        stores().wait_writable(rest);
        change(rest[0], fmt::format("without-{}", alone));
        output(rest[1], "rm -r before && mkdir before");
        EXPECT_EQ(output(alone, "cat changed"), alone == 1 ? "changed-before\n" : "changed-without-1\n");
        laboratory().heal();
        stores().wait_writable(laboratory().all());
        output(alone, "echo again > before/file");
        expect_same_everywhere();
    }
    stop_all();
    expect_same_rows();
}

TEST_P(StorePeerTest, StatusAndLogAreShared) {
    if (!ready()) return;
    const auto told = [&](unsigned node) {
        const auto log = output(node, "cat .clusterlog");
        const auto members = stores().members(node);
        for (const auto other : laboratory().all()) {
            if (!std::regex_search(log, std::regex(fmt::format("\"node\": \"node{}\".*starting cluster log", other))))
                return false;
            if (members.find(fmt::format(R"("node{0}": {{ "id": {0}, "online": 1, "ip": "10.77.0.{0}"}})", other)) ==
                std::string::npos)
                return false;
        }
        return true;
    };
    for (const auto node : laboratory().all()) {
        EXPECT_TRUE(lab::wait_until(milliseconds(20000), [&] { return told(node); }))
            << stores().members(node) << output(node, "cat .clusterlog");
        EXPECT_EQ(output(node, "cat .clusterlog"), output(1, "cat .clusterlog"));
    }
}

TEST_P(StorePeerTest, ClientsOfOneAreHeardByTheOthers) {
    if (!ready()) return;
    for (const auto node : laboratory().all()) {
        answer(node, {"set", "tasklist", fmt::format("[{}]", node)});
        answer(node, {"set", fmt::format("rrd/pve2-node/node{}", node), fmt::format("1:{}:1795363412:1:2:3", node)});
        answer(node, {"log", "root@pam", "test", fmt::format("said on node {}", node)});
        output(node, fmt::format("mkdir -p nodes/node{0}/lxc && echo 'a: {0}' > nodes/node{0}/lxc/10{0}.conf", node));
    }
    for (const auto node : laboratory().all()) {
        for (const auto other : laboratory().all()) {
            SCOPED_TRACE(fmt::format("of node {} on node {}", other, node));
            EXPECT_TRUE(comes_to_be([&] {
                return pve2(node, {"get", fmt::format("node{}", other), "tasklist"}).out == fmt::format("[{}]", other);
            }));
            EXPECT_TRUE(comes_to_be([&] {
                return answer(node, {"rrd"}).find(fmt::format("pve2-node/node{0}:1:{0}:", other)) != std::string::npos;
            })) << answer(node, {"rrd"});
            EXPECT_TRUE(comes_to_be([&] {
                return answer(node, {"clusterlog", "root@pam"}).find(fmt::format("said on node {}", other)) !=
                       std::string::npos;
            })) << answer(node, {"clusterlog", ""});
            EXPECT_EQ(answer(node, {"config", fmt::format("nodes/node{0}/lxc/10{0}.conf", other)}),
                      fmt::format("a: {}\n", other));
        }
    }
}

TEST_P(StorePeerTest, EachOpensTheDatabaseOfTheOther) {
    if (!ready()) return;
    change_from_all_nodes();
    const auto before = stores().listing(1);
    stop_all();
    using Kind = lab::StoreKind;
    const auto real = GetParam().stores.find('9') == std::string::npos ? Kind::pmxcfs5 : Kind::pmxcfs9;
    become_others({{Kind::cfsd, real}, {Kind::pmxcfs5, Kind::cfsd}, {Kind::pmxcfs9, Kind::cfsd}});
    stores().start(laboratory().all());
    stores().wait_writable(laboratory().all());
    EXPECT_EQ(stores().listing(1), before);
    expect_same_everywhere();
    change(2, "later");
    stop_all();
    expect_same_rows();
}

// Local mode, with the database of a real node and with ones that the others have left.
TEST_F(StorePeerBase, DatabasesGoFromOneToTheOther) {
    using Kind = lab::StoreKind;
    const std::vector<Kind> all = {Kind::cfsd, Kind::pmxcfs5, Kind::pmxcfs9};
    for (const auto kind : all)
        if (const auto reason = lab::missing_store(kind); !reason.empty()) GTEST_SKIP() << "NOT TESTED, " << reason;
    set_up("T", {}, false);
    if (!ready()) return;
    lab::StoreNodes local(laboratory());
    const auto look = [&](Kind kind, const std::string& script) {
        SCOPED_TRACE(to_string(kind));
        local.use(1, kind);
        local.start(1, {"-l"});
        local.wait_mounted(1);
        const auto done = local.shell(1, script);
        EXPECT_EQ(done.status, 0) << done.err;
        const auto listing = local.listing(1);
        EXPECT_EQ(local.stop(1), 0) << local.log(1);
        const auto check = laboratory().run(1, {lab::beside_us("cfs-check"), local.database(1)});
        EXPECT_EQ(check.status, 0) << check.out << check.err;
        return listing + local.rows(1);
    };
    const auto database = local.database(1);
    fs::create_directories(database.parent_path());
    fs::copy_file(fs::path(CFS_TEST_DATA) / "config.db", database);
    const auto given = look(Kind::cfsd, "true");
    EXPECT_NE(given.find("nodes/node4/qemu-server/100.conf"), std::string::npos) << given;
    for (const auto kind : all)
        EXPECT_EQ(look(kind, "true"), given) << to_string(kind);
    for (const auto writer : all) {
        fs::remove(database);
        const auto written = look(writer,
                                  "mkdir -p a/b priv/lock/l nodes/n/lxc && seq 1 9000 > a/large && : > a/empty && "
                                  "echo 1 > nodes/n/lxc/1.conf && mv nodes/n/lxc/1.conf nodes/n/lxc/2.conf && "
                                  "echo x > x && rm x && touch -d @1500000000 a/b && truncate -s 100 a/large && "
                                  "echo more >> a/large && echo 1 > 'a name' && echo 2 > \u00fcml\u00e4ut");
        for (const auto reader : all)
            EXPECT_EQ(look(reader, "true"), written) << to_string(writer) << ", then " << to_string(reader);
    }
}

constexpr const char* false_clock = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

// The node with the lowest id asks for it an hour after its start; its clock is put forward.
class StoreVerificationTest : public StorePeerBase, public testing::WithParamInterface<PeerCase> {
protected:
    void SetUp() override {
        if (!fs::exists(false_clock)) GTEST_SKIP() << "NOT TESTED, install the package libfaketime";
        set_up_peers(GetParam());
    }
    void set_clock(const char* offset) { lab::write_file(stores().root(1) / "clock", offset); }
};

TEST_P(StoreVerificationTest, DatabasesAreFoundEqual) {
    if (!ready()) return;
    change(2, "before");
    stop(1);
    set_clock("+0");
    stores().set_environment(1, fmt::format("LD_PRELOAD={} FAKETIME_TIMESTAMP_FILE={}/clock FAKETIME_NO_CACHE=1",
                                            false_clock, stores().root(1).string()));
    stores().start(1);
    stores().wait_writable(laboratory().all());
    change(3, "later");
    set_clock("+3700");
    for (const auto node : laboratory().all()) {
        EXPECT_TRUE(lab::wait_until(
            milliseconds(20000),
            [&] { return stores().log(node).find("data verification successful") != std::string::npos; }))
            << "node " << node << ":\n"
            << stores().log(node);
        EXPECT_EQ(stores().log(node).find("wrong checksum"), std::string::npos);
    }
}

INSTANTIATE_TEST_SUITE_P(Mix, StoreVerificationTest,
                         testing::Values(PeerCase{"CCC", "F59"}, PeerCase{"CCC", "5F9"}, PeerCase{"TTT", "95F"}),
                         peer_case_name);

INSTANTIATE_TEST_SUITE_P(Mix, StorePeerTest,
                         testing::Values(PeerCase{"CCC", "F5F"}, PeerCase{"CCC", "5F5"}, PeerCase{"CCC", "F9F"},
                                         PeerCase{"TTT", "F5F"}, PeerCase{"TTT", "5F5"}, PeerCase{"TTT", "9F9"},
                                         PeerCase{"TCT", "F59"}),
                         peer_case_name);

// A lock that its holder has left goes after two minutes, if somebody asks for it.
class SoakStorePeer : public StorePeerBase, public testing::WithParamInterface<PeerCase> {
protected:
    void SetUp() override { set_up_peers(GetParam()); }
};

TEST_P(SoakStorePeer, AnAbandonedLockExpires) {
    if (!ready()) return;
    output(1, "mkdir -p priv/lock/asked-by-2 priv/lock/asked-by-3 priv/lock/not-asked");
    const auto begin = lab::Clock::now();
    const auto gone = [&](unsigned node) {
        const auto lock = fmt::format("priv/lock/asked-by-{}", node);
        return error(node, "touch -c -d @0 " + lock + "; stat " + lock).find("No such file") != std::string::npos;
    };
    EXPECT_TRUE(lab::wait_until(seconds(180), [&] {
        std::this_thread::sleep_for(seconds(1));  // as those who want a lock do
        const bool first = gone(2);
        return gone(3) && first;
    })) << output(1, "ls priv/lock");
    EXPECT_GE(lab::Clock::now() - begin, seconds(119));
    for (const auto node : laboratory().all())
        EXPECT_EQ(output(node, "ls priv/lock"), "not-asked\n");
    expect_same_everywhere();
}

INSTANTIATE_TEST_SUITE_P(Mix, SoakStorePeer,
                         testing::Values(PeerCase{"CCC", "F5F"}, PeerCase{"CCC", "5F5"}, PeerCase{"TTT", "9F9"}),
                         peer_case_name);

}  // namespace
}  // namespace conformance
