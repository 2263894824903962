// The store under fire: many writers on all nodes, and daemons that are killed. What was acknowledged has to be there,
// and all trees and databases have to be the same.
#include <fmt/format.h>

#include <array>

#include "conformance/store_client/writers_process.hpp"
#include "conformance/tests/store_test_base.hpp"

namespace conformance {
namespace {

class StormTest : public StoreTest {
protected:
    void set_up_writers(const Case& given, const std::string& token) {
        lab::Plan plan;
        plan.transport = given.transport;
        plan.totem["token"] = token;
        set_up_stores(given.mix, plan);
        if (ready()) writers_.emplace(laboratory(), stores());
    }
    void TearDown() override {
        writers_.reset();
        StoreTest::TearDown();
    }
    store_client::WriterProcesses& writers() { return *writers_; }

    // Databases first: who has written something has had it delivered.
    void expect_same_rows() {
        std::string first;
        const bool same = lab::wait_until(milliseconds(10000), [&] {
            first = stores().rows(1);
            const auto nodes = laboratory().all();
            return std::all_of(nodes.begin(), nodes.end(),
                               [&](unsigned node) { return node == 1 || stores().rows(node) == first; });
        });
        EXPECT_TRUE(same) << "the databases differ";
    }
    store_client::Verdict expect_all_there() {
        expect_same_rows();
        auto verdict = writers().verify(laboratory().all());
        for (const auto& fault : verdict.faults)
            ADD_FAILURE() << fault;
        return verdict;
    }
    void expect_sound_database(unsigned node) {
        const auto done = laboratory().run(node, {lab::beside_us("cfs-check"), stores().database(node)});
        EXPECT_EQ(done.status, 0) << "node " << node << ": " << done.out << done.err;
    }

private:
    std::optional<store_client::WriterProcesses> writers_;
};

// --- many writers ---------------------------------------------------------------------------------------------------

class WritersTest : public StormTest, public testing::WithParamInterface<Case> {
protected:
    // Long enough that a machine busy with something else does not starve a daemon out of the ring.
    void SetUp() override { set_up_writers(GetParam(), "5000"); }

    // On all nodes at once.
    void make_many_files(unsigned files_of_a_node) {
        output(1, "mkdir many");
        std::vector<std::thread> threads;
        for (const auto node : laboratory().all()) {
            threads.emplace_back([this, node, files_of_a_node] {
                output(node, fmt::format("for i in $(seq {1}); do echo \"file $i of node {0}\" > many/{0}-$i; done && "
                                         "seq 100000 | head -c 524288 > largest-{0}-1 && "
                                         "dd if=largest-{0}-1 of=largest-{0}-2 bs=524288 2>&1",
                                         node, files_of_a_node));
            });
        }
        for (auto& thread : threads)
            thread.join();
    }
};

TEST_P(WritersTest, ThirtyTwoWritersAndThousandsOfFiles) {
    if (!ready()) return;
    constexpr unsigned files_of_a_node = 1700;
    make_many_files(files_of_a_node);
    writers().start({{1, 11}, {2, 11}, {3, 10}}, {"--operations", "120", "--very-largest", "524288"});
    writers().wait(milliseconds(120000));
    const auto verdict = expect_all_there();
    EXPECT_EQ(verdict.writers, 32u);
    EXPECT_GE(verdict.acknowledged, 32u * 120);
    EXPECT_EQ(verdict.unknown, 0u) << "errors without a cause";
    EXPECT_EQ(verdict.refused, 0u) << "errors without a cause";
    EXPECT_GT(verdict.entries, 3 * files_of_a_node);
    for (const auto node : laboratory().all()) {
        EXPECT_EQ(output(node, "cat many/3-1 many/1-1700; cat largest-2-* | wc -c"),
                  "file 1 of node 3\nfile 1700 of node 1\n1048576\n");
        EXPECT_EQ(stores().stop(node), 0) << stores().log(node);
        expect_sound_database(node);
    }
    std::cout << fmt::format("{} operations acknowledged, {} entries\n", verdict.acknowledged, verdict.entries);
}

INSTANTIATE_TEST_SUITE_P(Mix, WritersTest,
                         testing::Values(Case{"TTT", Transport::udpu}, Case{"TCT", Transport::udpu},
                                         Case{"CCC", Transport::udpu}),
                         case_name);

// --- kills ----------------------------------------------------------------------------------------------------------

enum class Victim { one_store, all_stores, all_stores_while_writing, one_engine };
constexpr std::array<Victim, 4> all_victims = {Victim::one_store, Victim::all_stores, Victim::all_stores_while_writing,
                                               Victim::one_engine};

const char* name(Victim victim) {
    constexpr std::array<const char*, 4> names = {"OneStore", "AllStores", "AllStoresWhileWriting", "OneEngine"};
    return names.at(static_cast<std::size_t>(victim));
}

class KillTest : public StormTest {
protected:
    void set_up_kills(const std::string& mix) { set_up_writers({mix, Transport::udpu}, "1000"); }

    // Writers write, somebody is killed with SIGKILL and started again, and all must be there.
    void kill_and_check(Victim victim) {
        constexpr std::size_t under_way = 150;  // operations of each node
        const auto begin = lab::Clock::now();
        const auto all = laboratory().all();
        writers().start({{1, 4}, {2, 4}, {3, 4}});
        writers().wait_for(all, under_way, milliseconds(30000));
        const auto marks = stores().log_marks();
        kill(victim, 1 + cycles_ % laboratory().size());
        stores().wait_synced(all, marks);
        writers().stop();
        stores().wait_writable(all);
        const auto verdict = expect_all_there();
        const auto took = std::chrono::duration_cast<milliseconds>(lab::Clock::now() - begin);
        std::cout << fmt::format("{:3} {:22} {:5} ms, {} operations acknowledged, {} unknown, {} entries\n", ++cycles_,
                                 name(victim), took.count(), verdict.acknowledged, verdict.unknown, verdict.entries)
                  << std::flush;
    }

private:
    void kill(Victim victim, unsigned node) {
        switch (victim) {
            case Victim::one_store:
                return kill_stores({node});  // the others go on writing
            case Victim::all_stores:
                writers().stop();
                return kill_stores(laboratory().all());
            case Victim::all_stores_while_writing:
                return kill_stores(laboratory().all());
            case Victim::one_engine:
                laboratory().kill(node);
                return laboratory().start(node);
        }
    }
    void kill_stores(const Nodes& nodes) {
        stores().kill(nodes);
        // Who writes before all are back may make a history of its own.
        if (nodes.size() > 1) writers().stop();
        for (const auto node : nodes)
            expect_sound_database(node);
        stores().start(nodes);
    }

    unsigned cycles_ = 0;
};

class KillAnyTest : public KillTest, public testing::WithParamInterface<std::string> {};

TEST_P(KillAnyTest, NothingAcknowledgedIsLost) {
    set_up_kills(GetParam());
    for (const auto victim : all_victims)
        if (ready() && !HasFailure()) kill_and_check(victim);
}

INSTANTIATE_TEST_SUITE_P(Mix, KillAnyTest, testing::Values("TTT", "CCC"),
                         [](const auto& given) { return given.param; });

// What pmxcfs's protocol allows and no daemon can prevent: quorum counts engines, not stores. Alone in its group, one
// that came back with an older tree may write, and then has the longest history.
TEST_F(KillTest, WhoWritesAloneMakesAHistoryOfItsOwn) {
    set_up_kills("TTT");
    if (!ready()) return;
    stores().kill(1);
    output(2, "mkdir acknowledged");
    EXPECT_EQ(output(3, "ls -d acknowledged"), "acknowledged\n");
    const Nodes others = {2, 3};
    stores().kill(others);
    stores().start(1);
    stores().wait_writable({1});
    output(1, "mkdir one && mkdir two");
    const auto marks = stores().log_marks();
    stores().start(others);
    stores().wait_synced(laboratory().all(), marks);
    expect_same_everywhere();
    expect_same_rows();
    EXPECT_EQ(output(2, "ls -d one two"), "one\ntwo\n");
    EXPECT_NE(error(2, "ls -d acknowledged").find("No such file"), std::string::npos);
}

class SoakKillTest : public KillTest, public testing::WithParamInterface<std::string> {};

TEST_P(SoakKillTest, TwoHundredKillsOfStores) {
    set_up_kills(GetParam());
    constexpr std::array<Victim, 3> victims = {Victim::one_store, Victim::all_stores, Victim::all_stores_while_writing};
    for (std::size_t i = 0; i < 200 && ready() && !HasFailure(); ++i)
        kill_and_check(victims.at(i % victims.size()));
}

TEST_P(SoakKillTest, FortyKillsOfEngines) {
    set_up_kills(GetParam());
    for (int i = 0; i < 40 && ready() && !HasFailure(); ++i)
        kill_and_check(Victim::one_engine);
}

INSTANTIATE_TEST_SUITE_P(Soak, SoakKillTest, testing::Values("TTT", "CCC"),
                         [](const auto& given) { return given.param; });

}  // namespace
}  // namespace conformance
