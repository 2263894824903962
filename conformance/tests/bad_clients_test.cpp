// Clients that read nothing, stall or die must not be felt by the ring or by other clients, and leave nothing behind.
#include <fcntl.h>
#include <fmt/format.h>

#include <fstream>

#include "conformance/tests/metrics.hpp"
#include "conformance/tests/support.hpp"

namespace conformance {
namespace {

namespace fs = std::filesystem;

// Of a rotation: below it the time the kernel needs to let somebody run is all that is measured.
constexpr double noise = 0.001;
constexpr double storm_noise = 0.005;  // two hundred processes on few processors
constexpr double mebibyte = 1024 * 1024;
// Three rings of 1 MiB.
constexpr double connection_memory = 3 * mebibyte;

std::size_t entries_of(const fs::path& directory) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

class BadClientsTest : public RingTest {
protected:
    void ring_of_three() {
        lab::Plan plan;
        plan.transport = Transport::udpu;
        // As it is shipped: the engine goes before its clients.
        plan.real_time = true;
        plan.further_sections = metrics_section();
        set_up("TTT", plan);
    }
    Metrics scrape(unsigned node) { return Metrics::of(laboratory(), node); }

    struct Observed {
        std::vector<Rotations> rotations;  // by node
        double delivered = 0;              // events a second put into rings of clients, of node 2
        double longest = 0;                // p99 of the worst node

        std::string text() const {
            std::string out;
            for (const auto& each : rotations) {
                out += fmt::format("  {:.0f} rotations, mean {:.2f} ms, median {:.2f}, p99 {:.2f}, p99.9 {:.2f}\n",
                                   each.count(), each.mean() * 1000, each.quantile(0.5) * 1000,
                                   each.quantile(0.99) * 1000, each.quantile(0.999) * 1000);
            }
            return out;
        }
    };
    // What the ring does for so long; how long is the point.
    Observed observe(seconds duration) {
        std::vector<Metrics> before;
        for (const auto node : laboratory().all())
            before.push_back(scrape(node));
        lab::wait_until(duration, [] { return false; });
        Observed out;
        for (const auto node : laboratory().all()) {
            const auto after = scrape(node);
            out.rotations.emplace_back(before[node - 1], after);
            out.longest = std::max(out.longest, out.rotations.back().quantile(0.99));
            if (node != 2) continue;
            constexpr auto events = "totemd_ipc_events_total{service=\"cpg\"}";
            out.delivered = (after[events] - before[node - 1][events]) / static_cast<double>(duration.count());
        }
        return out;
    }

    void flood_everywhere() {
        for (const auto node : laboratory().all())
            start_flood(node, {"--group", "flood", "--sizes", small_sizes, "--members", "3", "--timeout", "900"});
        wait_for_floods();
    }

    static fs::path chaos() { return lab::beside_us("totem-chaos"); }
    fs::path output_of(unsigned node) { return laboratory().node_directory(node) / "chaos.txt"; }
    lab::Process start_chaos(unsigned node, lab::Arguments arguments) {
        arguments.insert(arguments.begin(), chaos());
        auto output = lab::open_file(output_of(node), O_WRONLY | O_CREAT | O_TRUNC, 0644);
        return laboratory().spawn(node, arguments, {.out = output.get()});
    }
    // Clients of node 1 that read nothing.
    lab::Process stuck(const std::string& kind, unsigned count) {
        auto process = start_chaos(1, {"stuck", kind, "--count", std::to_string(count), "--group", "flood"});
        const bool done =
            lab::wait_until(milliseconds(20000), [&] { return lab::read_file(output_of(1)) == "stuck\n"; });
        EXPECT_TRUE(done) << "the clients could not connect";
        return process;
    }
    void let_go(lab::Process& process) {
        process.signal(SIGTERM);
        EXPECT_EQ(process.wait(milliseconds(20000)), 0);
    }

    void expect_as_before(const Observed& before, const Observed& during, const std::string& what) {
        std::cout << fmt::format("without {0}:\n{1}with {0}:\n{2}", what, before.text(), during.text());
        EXPECT_LE(during.longest, 2 * std::max(before.longest, noise)) << "the token is kept up";
    }
    void expect_steady_ring(const std::map<unsigned, std::size_t>& marks) {
        EXPECT_EQ(count_in_logs("A new membership", marks), 0u);
        EXPECT_EQ(count_in_logs("A processor failed", marks), 0u);
    }
};

// --- clients that read nothing

class StuckMemberTest : public BadClientsTest, public testing::WithParamInterface<unsigned> {};

TEST_P(StuckMemberTest, DelaysNeitherTheRingNorOthers) {
    ring_of_three();
    if (!ready()) return;
    const auto marks = log_marks();
    flood_everywhere();
    const auto calm = observe(seconds(5));
    auto members = stuck("member", GetParam());
    const auto during = observe(seconds(8));
    expect_as_before(calm, during, fmt::format("{} stuck members", GetParam()));
    EXPECT_GT(during.delivered, calm.delivered / 2) << "others get less";
    std::cout << fmt::format("events a second on node 2: {:.0f} and {:.0f}\n", calm.delivered, during.delivered);

    // Queued for as long as it is bearable, then disconnected, the furthest behind first.
    const auto now = scrape(1);
    const double queued = now["totemd_ipc_queued_bytes{service=\"cpg\"}"];
    const double given_up = now["totemd_ipc_given_up_total{service=\"cpg\"}"];
    std::cout << fmt::format("{:.0f} MiB queued, {:.0f} given up, {:.0f} MiB resident\n", queued / mebibyte, given_up,
                             now["totemd_resident_memory_bytes"] / mebibyte);
    EXPECT_GT(queued + given_up, 0);
    EXPECT_LE(queued, 512 * mebibyte);
    EXPECT_LE(now["totemd_resident_memory_bytes"], 1200 * mebibyte);
    let_go(members);
    EXPECT_TRUE(lab::wait_until(milliseconds(10000),
                                [&] { return scrape(1)["totemd_ipc_queued_bytes{service=\"cpg\"}"] == 0; }));
    finish_floods();
    expect_steady_ring(marks);
}

INSTANTIATE_TEST_SUITE_P(Count, StuckMemberTest, testing::Values(1u, 20u));

class StuckClientTest : public BadClientsTest {};

TEST_F(StuckClientTest, WhoReadsNoAnswersIsDisconnected) {
    ring_of_three();
    if (!ready()) return;
    const auto marks = log_marks();
    flood_everywhere();
    const auto calm = observe(seconds(5));
    auto deaf = stuck("deaf", 20);
    const auto during = observe(seconds(5));
    expect_as_before(calm, during, "20 clients that read no answers");
    EXPECT_EQ(scrape(1)["totemd_ipc_given_up_total{service=\"cpg\"}"], 20);
    EXPECT_EQ(laboratory().log(1).count("it does not read its responses", marks.at(1)), 20u);
    let_go(deaf);
    finish_floods();
    expect_steady_ring(marks);
}

// Thousands of changed keys and a membership that changes, for trackers of keys, quorum and votes that read nothing.
TEST_F(StuckClientTest, TrackersDelayNothing) {
    ring_of_three();
    if (!ready()) return;
    const auto cmapctl = lab::beside_us("totem-cmapctl");
    flood_everywhere();
    const auto calm = observe(seconds(5));
    auto trackers = stuck("tracker", 5);
    std::ofstream keys(laboratory().node_directory(1) / "keys");
    for (int i = 0; i < 5000; ++i)
        keys << fmt::format("stuck.key{} u32 {}\n", i % 500, i);
    keys.close();
    auto writer = laboratory().spawn(1, {cmapctl, "-p", laboratory().node_directory(1) / "keys"}, {});
    const auto during = observe(seconds(5));
    EXPECT_EQ(writer.wait(milliseconds(60000)), 0);
    expect_as_before(calm, during, "stuck trackers and changing keys");
    const auto now = scrape(1);
    // The flood is much to tell them, too: it changes counters they track.
    const double behind = now["totemd_ipc_queueing{service=\"cmap\"}"];
    EXPECT_EQ(behind + now["totemd_ipc_given_up_total{service=\"cmap\"}"], 5);
    EXPECT_LE(now["totemd_ipc_queued_bytes{service=\"cmap\"}"], 512 * mebibyte);
    finish_floods();

    for (int i = 0; i < 3; ++i) {
        laboratory().kill(3);
        laboratory().wait_ring({1, 2});
        laboratory().start(3);
        laboratory().wait_ring({1, 2, 3});
    }
    EXPECT_EQ(scrape(1)["totemd_quorum_quorate"], 1);
    let_go(trackers);
    EXPECT_TRUE(lab::wait_until(milliseconds(10000),
                                [&] { return scrape(1)["totemd_ipc_connections{service=\"cmap\"}"] == 0; }));
}

// --- clients that come and go

class ChaosTest : public BadClientsTest {
protected:
    struct Left {
        std::size_t descriptors = 0, shared_files = 0;
    };
    Left left_on(unsigned node) {
        const auto pid = laboratory().manifest().nodes[node - 1].daemon.pid;
        return {entries_of(fmt::format("/proc/{}/fd", pid)), entries_of(fmt::format("/proc/{}/root/dev/shm", pid))};
    }
    // Of each node, less what is due to its clients: their rings, and what is queued for them.
    std::vector<double> memory() {
        std::vector<double> out;
        for (const auto node : laboratory().all()) {
            const auto now = scrape(node);
            const double resident = now["totemd_resident_memory_bytes"];
            const double clients = now.sum("totemd_ipc_connections"), queued = now.sum("totemd_ipc_queued_bytes");
            std::cout << fmt::format("node {}: {:.1f} MiB resident, {} clients, {:.1f} MiB queued\n", node,
                                     resident / mebibyte, clients, queued / mebibyte);
            out.push_back(resident - queued - clients * connection_memory);
        }
        return out;
    }

    void storm(seconds duration) {
        ring_of_three();
        if (!ready()) return;
        const auto quiet = observe(seconds(10));
        // A quiet ring holds its token, so the better measure is one that a well-behaved client per node keeps busy.
        flood_everywhere();
        const auto busy = observe(seconds(5));
        finish_floods();
        const std::vector<unsigned> clients = {100, 50, 50};
        std::vector<Left> before;
        for (const auto node : laboratory().all())
            before.push_back(left_on(node));
        const auto marks = log_marks();
        std::vector<lab::Process> storms;
        for (const auto node : laboratory().all()) {
            storms.push_back(start_chaos(
                node, {"storm", "--clients", std::to_string(clients[node - 1]), "--events",
                       std::to_string(clients[node - 1]), "--seconds", "3600", "--seed", std::to_string(node)}));
        }
        const auto all_came = [&] {
            return scrape(1).sum("totemd_ipc_connections") >= clients[0] / 2;  // stopped ones may never get that far
        };
        EXPECT_TRUE(lab::wait_until(milliseconds(30000), all_came));
        const auto first = observe(duration / 2);
        const auto at_half_time = memory();
        const auto second = observe(duration / 2);
        const auto at_the_end = memory();
        for (auto& process : storms)
            process.signal(SIGTERM);
        for (auto& process : storms)
            EXPECT_EQ(process.wait(milliseconds(30000)), 0);
        for (const auto node : laboratory().all())
            std::cout << fmt::format("node {}: {}", node, lab::read_file(output_of(node)));
        std::cout << fmt::format("quiet:\n{}busy:\n{}first half:\n{}second half:\n{}", quiet.text(), busy.text(),
                                 first.text(), second.text());
        expect_steady_ring(marks);
        for (const auto* half : {&first, &second}) {
            EXPECT_LE(half->longest, 2 * quiet.longest);
            EXPECT_LE(half->longest, 2 * std::max(busy.longest, storm_noise));
        }
        for (const auto node : laboratory().all()) {
            SCOPED_TRACE(fmt::format("node {}", node));
            std::cout << fmt::format("node {}: {:.1f} MiB and {:.1f} MiB besides what clients need\n", node,
                                     at_half_time[node - 1] / mebibyte, at_the_end[node - 1] / mebibyte);
            EXPECT_LT(at_the_end[node - 1], 1.25 * at_half_time[node - 1] + 32 * mebibyte) << "memory grows";
            nothing_left(node, before[node - 1]);
        }
    }

    void nothing_left(unsigned node, const Left& before) {
        Left now;
        lab::wait_until(milliseconds(15000), [&] {
            now = left_on(node);
            return now.descriptors <= before.descriptors && now.shared_files <= before.shared_files;
        });
        EXPECT_LE(now.descriptors, before.descriptors) << "descriptors are left open";
        EXPECT_LE(now.shared_files, before.shared_files) << "files of dead clients are left over";
        const auto metrics = scrape(node);
        EXPECT_EQ(metrics.sum("totemd_ipc_connections"), 0);
        EXPECT_EQ(metrics.sum("totemd_ipc_queued_bytes"), 0);
        EXPECT_EQ(metrics["totemd_cpg_members"], 0) << "dead processes are left in groups";
        std::cout << fmt::format(
            "node {}: {} descriptors before, {} after; {} closed connections, {:.1f} MiB resident\n", node,
            before.descriptors, now.descriptors, metrics["totemd_ipc_closed_connections_total"],
            metrics["totemd_resident_memory_bytes"] / mebibyte);
    }
};

TEST_F(ChaosTest, TwoHundredClientsStallAndDie) {
    storm(seconds(20));
}

class SoakChaosTest : public ChaosTest {};

TEST_F(SoakChaosTest, TwoHundredClientsStallAndDieForTenMinutes) {
    storm(seconds(600));
}

}  // namespace
}  // namespace conformance
