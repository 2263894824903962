// Metrics of a live ring, scraped over HTTP on the node.
#include "conformance/tests/metrics.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <fstream>

#include "conformance/tests/support.hpp"

namespace conformance {
namespace {

class MetricsTest : public RingTest {
protected:
    void ring_of_three(const std::string& mix = "TTT") {
        lab::Plan plan;
        plan.transport = Transport::udpu;
        plan.further_sections = metrics_section();
        plan.totem["watch_processes"] = "yes";  // also where all cases are run without
        set_up(mix, plan);
    }
    Metrics scrape(unsigned node) { return Metrics::of(laboratory(), node); }
    // A program of Debian's package prometheus.
    static std::string promtool() {
        const char* given = std::getenv("PROMTOOL_BIN");
        return given == nullptr ? "promtool" : given;
    }
    bool is_there(const std::string& program) {
        return laboratory().run(1, {"sh", "-c", fmt::format("command -v {}", program)}).status == 0;
    }
    std::string configuration() { return lab::read_file(laboratory().node_directory(1) / "etc/corosync.conf"); }
    void reload(const std::string& text) {
        laboratory().configure(1, text);
        const auto program = lab::beside_us("totem-cfgtool");
        last_reload_ = laboratory().run(1, {program, "-R"});
    }
    // The HTTP status, 000 without an answer.
    std::string status_at(const std::string& url, lab::Arguments options = {}) {
        lab::Arguments command = {"curl", "--silent", "--max-time", "5", "-o", "/dev/null", "-w", "%{http_code}"};
        command.insert(command.end(), options.begin(), options.end());
        command.push_back(url);
        return laboratory().run(1, command).out;
    }

    lab::Finished last_reload_;
};

TEST_F(MetricsTest, TellWhatHappensInTheRing) {
    ring_of_three();
    if (!ready()) return;
    const Metrics before = scrape(1);
    EXPECT_EQ(before["totemd_ring_state{state=\"operational\"}"], 1);
    EXPECT_EQ(before["totemd_ring_state{state=\"gather\"}"], 0);
    EXPECT_EQ(before["totemd_ring_members"], 3);
    EXPECT_EQ(before["totemd_quorum_quorate"], 1);
    EXPECT_EQ(before["totemd_quorum_expected_votes"], 3);
    EXPECT_EQ(before["totemd_quorum_total_votes"], 3);
    EXPECT_EQ(before["totemd_quorum_needed_votes"], 2);
    EXPECT_EQ(before["totemd_cpg_groups"], 0);
    flood_all(laboratory().all(), 9000, small_sizes);
    const Metrics after = scrape(1);
    EXPECT_EQ(after["totemd_ring_state_entered_total{state=\"operational\"}"],
              before["totemd_ring_state_entered_total{state=\"operational\"}"]);
    EXPECT_GE(after["totemd_ipc_requests_total{service=\"cpg\"}"], 3000);
    EXPECT_GE(after["totemd_ipc_events_total{service=\"cpg\"}"], 9000);
    EXPECT_GT(after["totemd_net_received_bytes_total"], before["totemd_net_received_bytes_total"] + 3000 * 200);
    const Rotations rotations(before, after);
    const double tokens = after["totemd_ring_packets_received_total{type=\"token\"}"] -
                          before["totemd_ring_packets_received_total{type=\"token\"}"];
    EXPECT_GT(tokens, 100);
    EXPECT_LE(rotations.count(), tokens) << "retransmitted tokens are no rotations";
    EXPECT_GT(rotations.count(), 0.9 * tokens);
    EXPECT_GT(rotations.quantile(0.99), 0);
    EXPECT_LT(rotations.quantile(0.5), 1);
    EXPECT_GT(after["totemd_resident_memory_bytes"], 1e6);

    laboratory().kill(3);
    laboratory().wait_ring({1, 2});
    const Metrics smaller = scrape(1);
    EXPECT_EQ(smaller["totemd_ring_members"], 2);
    EXPECT_EQ(smaller["totemd_quorum_total_votes"], 2);
    EXPECT_EQ(smaller["totemd_ring_state_entered_total{state=\"operational\"}"],
              after["totemd_ring_state_entered_total{state=\"operational\"}"] + 1);
    EXPECT_GE(scrape(2)["totemd_net_ports_closed_total"], 1) << "its neighbour's token found nobody there";
    EXPECT_GT(smaller["totemd_ring_sequence"], after["totemd_ring_sequence"]);
}

TEST_F(MetricsTest, NameTheClients) {
    ring_of_three();
    if (!ready()) return;
    start_flood(1, {"--group", "x", "--members", "2", "--sizes", small_sizes});
    start_flood(2, {"--group", "x", "--members", "2", "--sizes", small_sizes});
    wait_for_floods();
    const Metrics during = scrape(1);
    EXPECT_EQ(during["totemd_ipc_connections{service=\"cpg\"}"], 1);
    EXPECT_EQ(during["totemd_cpg_groups"], 1);
    EXPECT_EQ(during["totemd_cpg_members"], 2);
    EXPECT_EQ(during["totemd_cpg_local_members"], 1);
    EXPECT_GE(during.sum("totemd_ipc_connection_requests_total"), 2);
    const auto named = std::count_if(during.samples().begin(), during.samples().end(), [](const auto& sample) {
        return sample.first.starts_with("totemd_ipc_connection_requests_total{service=\"cpg\",pid=\"") &&
               sample.first.find("process=\"totem-flood\"") != std::string::npos;
    });
    EXPECT_EQ(named, 1);
    const double requests = during["totemd_ipc_requests_total{service=\"cpg\"}"];
    finish_floods();
    // What a client did stays counted when it is gone; its own series go.
    lab::wait_until(milliseconds(5000), [&] { return scrape(1)["totemd_ipc_connections{service=\"cpg\"}"] == 0; });
    const Metrics after = scrape(1);
    EXPECT_GE(after["totemd_ipc_requests_total{service=\"cpg\"}"], requests);
    EXPECT_EQ(after.sum("totemd_ipc_connection_requests_total"), 0);
}

TEST_F(MetricsTest, SpeakHttp) {
    ring_of_three();
    if (!ready()) return;
    const auto head = fetch_metrics(laboratory(), 1, {"--head"});
    EXPECT_NE(head.find("HTTP/1.1 200 OK"), std::string::npos) << head;
    EXPECT_NE(head.find("text/plain; version=0.0.4"), std::string::npos) << head;
    const lab::Arguments here = {"--unix-socket", metrics_socket};
    const auto with = [&here](lab::Arguments more) {
        more.insert(more.begin(), here.begin(), here.end());
        return more;
    };
    EXPECT_EQ(status_at("http://localhost/", here), "200");
    EXPECT_EQ(status_at("http://localhost/other", here), "404");
    EXPECT_EQ(status_at("http://localhost/metrics", with({"--data", "x"})), "405");
    EXPECT_EQ(status_at("http://localhost/metrics", with({"-H", "X: " + std::string(8000, 'x')})), "431");
    const auto mode = laboratory().run(1, {"stat", "-c", "%a %F", metrics_socket});
    EXPECT_EQ(mode.out, "660 socket\n");
}

TEST_F(MetricsTest, PassPromtool) {
    ring_of_three();
    if (!ready()) return;
    start_flood(1, {"--group", "x", "--members", "1", "--sizes", small_sizes});
    wait_for_floods();
    const auto page = fetch_metrics(laboratory(), 1);
    finish_floods();
    if (!is_there(promtool())) {
        GTEST_SKIP() << "NOT TESTED, there is no promtool: it is in Debian's package prometheus (or name it in "
                        "PROMTOOL_BIN)";
    }
    const auto file = laboratory().node_directory(1) / "metrics.txt";
    std::ofstream(file) << page;
    const auto result =
        laboratory().run(1, {"sh", "-c", fmt::format("{} check metrics < {}", promtool(), file.string())});
    EXPECT_EQ(result.status, 0) << result.out << result.err;
}

TEST_F(MetricsTest, FollowReloads) {
    ring_of_three();
    if (!ready()) return;
    const auto original = configuration();
    const auto moved = original.substr(0, original.find("metrics {"));
    reload(moved + metrics_section("127.0.0.1:9105"));
    ASSERT_EQ(last_reload_.status, 0) << last_reload_.out << last_reload_.err;
    EXPECT_EQ(status_at("http://127.0.0.1:9105/metrics"), "200");
    EXPECT_NE(laboratory().run(1, {"test", "-e", metrics_socket}).status, 0) << "the socket is left over";
    // Somebody else has the port: said once, and the ring goes on; free again, the next reload has it.
    reload(moved);
    EXPECT_EQ(status_at("http://127.0.0.1:9105/metrics"), "000");
    auto taker = open_socket(laboratory(), 1, 9105, SOCK_STREAM);
    ASSERT_EQ(::listen(taker.get(), 1), 0);
    reload(moved + metrics_section("127.0.0.1:9105"));
    EXPECT_EQ(last_reload_.status, 0);
    EXPECT_EQ(
        laboratory().log(1).count("Cannot serve metrics at 127.0.0.1:9105: 127.0.0.1:9105: Address already in use"),
        1u);
    taker = lab::FileDescriptor();
    reload(moved + metrics_section("127.0.0.1:9105"));
    EXPECT_EQ(status_at("http://127.0.0.1:9105/metrics"), "200");
    // Wrong ones change nothing.
    reload(moved + metrics_section("0.0.0.0:9105"));
    EXPECT_NE(last_reload_.status, 0);
    EXPECT_EQ(status_at("http://127.0.0.1:9105/metrics"), "200");
    EXPECT_EQ(laboratory().log(1).count("can be reached from other hosts"), 1u);
    EXPECT_TRUE(laboratory().has_ring(laboratory().all()));
}

TEST_F(MetricsTest, RefuseABadSectionAtStart) {
    lab::Plan plan;
    plan.transport = Transport::udpu;
    plan.further_sections = "metrics {\n    listen: 127.0.0.1:9105\n    interval: 5\n}\n";
    set_up("T", plan, false);
    if (!ready()) return;
    laboratory().start(1);
    EXPECT_TRUE(lab::wait_for_end(laboratory().manifest().nodes[0].daemon, milliseconds(10000)));
    EXPECT_EQ(laboratory().exit_code(1), 8);
    EXPECT_EQ(laboratory().log(1).count("metrics.interval is not known"), 1u) << laboratory().log(1).text();
}

TEST_F(MetricsTest, RealCorosyncTakesTheSection) {
    ring_of_three("TC");
    if (!ready()) return;
    EXPECT_EQ(scrape(1)["totemd_ring_members"], 2);
}

}  // namespace
}  // namespace conformance
