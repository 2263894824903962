#include "conformance/tests/support.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>
#include <regex>
#include <set>

namespace conformance {

namespace fs = std::filesystem;

std::vector<lab::DaemonKind> kinds(const std::string& mix) {
    std::vector<lab::DaemonKind> result;
    for (const char letter : mix) {
        result.push_back(letter == 'T'   ? lab::DaemonKind::totemd
                         : letter == 'C' ? lab::DaemonKind::corosync
                                         : lab::DaemonKind::corosync2);
    }
    return result;
}

std::string case_name(const testing::TestParamInfo<Case>& info) {
    return fmt::format("{}_{}", info.param.mix, to_string(info.param.transport));
}

void PrintTo(const Case& value, std::ostream* out) {
    *out << value.mix << ' ' << to_string(value.transport);
}

std::vector<Case> cases(const std::vector<std::string>& mixes, const std::vector<Transport>& transports) {
    std::vector<Case> result;
    for (const auto transport : transports) {
        for (const auto& mix : mixes) {
            result.push_back({mix, transport});
        }
    }
    return result;
}

std::string missing(const std::string& mix) {
    if (::geteuid() != 0) return "the laboratory needs root";
    for (const auto kind : kinds(mix)) {
        if (!lab::find_daemon(kind)) return fmt::format("there is no {}: {}", to_string(kind), lab::how_to_get(kind));
    }
    return {};
}

nlohmann::json result_of(Flood& flood, milliseconds limit) {
    try {
        return flood.result(limit);
    } catch (const lab::LabError& error) {
        ADD_FAILURE() << error.what();
        flood.end();
        return nlohmann::json::object();
    }
}

std::string without_own(std::string text) {
    text = std::regex_replace(text, std::regex("Date: .*"), "Date");
    text = std::regex_replace(text, std::regex("Node ID: .*"), "Node ID");
    text = std::regex_replace(text, std::regex(" \\(local\\)"), "");
    return std::regex_replace(text, std::regex("(info|  node) \\d+( state|:)"), "$1$2");
}

namespace {

std::filesystem::path fresh_file(const Lab& lab) {
    static unsigned count = 0;
    return lab.directory() / ("tool." + std::to_string(++count));
}

}  // namespace

RunningTool::RunningTool(const Lab& lab, unsigned node, const lab::Arguments& command) : output_(fresh_file(lab)) {
    auto [read_end, write_end] = lab::make_pipe();
    const auto file = lab::open_file(output_.path(), O_CREAT | O_WRONLY | O_APPEND);
    lab::Process::Streams streams;
    streams.in = read_end.get();
    streams.out = streams.err = file.get();
    lab::Arguments by_line = {"stdbuf", "-oL"};
    by_line.insert(by_line.end(), command.begin(), command.end());
    process_ = lab.spawn(node, by_line, streams);
    input_ = std::move(write_end);
}

std::string RunningTool::end(const std::string& input) {
    EXPECT_EQ(::write(input_.get(), input.data(), input.size()), static_cast<ssize_t>(input.size()));
    input_.reset();
    return collect();
}

std::string RunningTool::interrupt() {
    process_.signal(SIGINT);
    return collect();
}

std::string RunningTool::collect() {
    EXPECT_TRUE(process_.wait(milliseconds(10000)).has_value()) << output_.text();
    return output_.text();
}

lab::FileDescriptor open_socket(const Lab& lab, unsigned node, std::uint16_t port, int type) {
    const auto home = lab::open_file("/proc/self/ns/net", O_RDONLY);
    lab::HostEntry(lab.manifest().nodes.at(node - 1).init).enter_network();
    lab::FileDescriptor socket(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
    // Connections that have ended do not keep the port from us; of UDP it would let others share it.
    const int reuse = type == SOCK_STREAM;
    lab::check(::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse), "cannot set an option");
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_port = htons(port);
    const int bound = ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any);
    const int error = errno;
    lab::check(::setns(home.get(), CLONE_NEWNET), "cannot go home");
    errno = error;
    lab::check(bound, "cannot take the port");
    return socket;
}

void expect_clean(const nlohmann::json& result) {
    EXPECT_TRUE(result.value("complete", false)) << result.dump(2);
    EXPECT_EQ(result.value("error_count", 1), 0) << result.dump(2);
}

void RingTest::set_up(const std::string& mix, lab::Plan plan, bool start) {
    if (const auto reason = missing(mix); !reason.empty()) GTEST_SKIP() << "NOT TESTED, " << reason;
    plan.nodes = kinds(mix);
    try {
        lab_ = std::make_unique<Lab>(Lab::create(plan));
        if (!start) return;
        lab_->start(lab_->all());
        // Real corosync nodes are known to abort now and then when several start at once; ours never may.
        const bool formed = lab::wait_until(milliseconds(40000), [&] {
            for (const auto node : lab_->all()) {
                const auto kind = lab_->manifest().nodes[node - 1].kind;
                if (lab_->running(node) || kind == lab::DaemonKind::totemd) continue;
                std::cout << fmt::format("real corosync node {} ended with {} at its start, is started again\n", node,
                                         lab_->exit_code(node).value_or(-1));
                lab_->start(node);
            }
            return lab_->has_ring(lab_->all());
        });
        if (!formed) FAIL() << "no ring of all:\n" << lab_->describe_rings();
    } catch (const std::exception& error) {
        FAIL() << error.what();
    }
}

void RingTest::TearDown() {
    floods_.clear();
    if (!lab_ || !HasFailure()) return;
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    auto name = fmt::format("{}.{}", info->test_suite_name(), info->name());
    std::replace(name.begin(), name.end(), '/', '_');
    const auto kept = fs::absolute("conformance-failures") / name;
    std::error_code none;
    fs::remove_all(kept, none);
    for (const auto& entry : fs::recursive_directory_iterator(lab_->directory(), none)) {
        if (!entry.is_regular_file(none)) continue;
        const auto target = kept / fs::relative(entry.path(), lab_->directory());
        fs::create_directories(target.parent_path(), none);
        fs::copy_file(entry.path(), target, none);
    }
    std::cout << lab_->describe_rings() << "logs are kept in " << kept.string() << std::endl;
}

std::string RingTest::flood_all(const Nodes& nodes, unsigned messages, const std::string& sizes, seconds limit) {
    return flood_all(
        nodes, messages, [&sizes](unsigned) { return sizes; }, limit);
}

std::string RingTest::flood_all(const Nodes& nodes, unsigned messages,
                                const std::function<std::string(unsigned)>& sizes_of, seconds limit) {
    const auto index = ++next_index_;
    std::vector<Flood> flooding;
    for (const auto node : nodes) {
        flooding.emplace_back(
            *lab_, node, index,
            std::vector<std::string>{"--group", fmt::format("all-{}", index), "--send", std::to_string(messages),
                                     "--sizes", sizes_of(node), "--members", std::to_string(nodes.size()), "--timeout",
                                     std::to_string(limit.count())});
    }
    std::set<std::string> chains;
    for (auto& one : flooding) {
        const auto result = result_of(one, limit + seconds(5));
        SCOPED_TRACE(fmt::format("flood on node {}", one.node()));
        expect_clean(result);
        if (!result.contains("streams")) continue;
        EXPECT_EQ(result["streams"].size(), nodes.size());
        for (const auto& stream : result["streams"]) {
            EXPECT_EQ(stream["messages"], messages) << "from node " << stream["node"];
            EXPECT_EQ(stream["unchecked"], 0);
        }
        chains.insert(result["chain"].get<std::string>());
    }
    EXPECT_EQ(chains.size(), 1u) << "the nodes delivered different sequences";
    return chains.empty() ? std::string() : *chains.begin();
}

void RingTest::start_flood(unsigned node, const std::vector<std::string>& options) {
    floods_.emplace_back(*lab_, node, ++next_index_, options);
}

void RingTest::wait_for_floods() {
    const auto all_send = [&] {
        return std::all_of(floods_.begin(), floods_.end(), [](auto& flood) { return flood.sending(); });
    };
    if (!lab::wait_until(milliseconds(20000), all_send)) FAIL() << "the floods do not begin";
}

Flood& RingTest::flood_on(unsigned node) {
    const auto found =
        std::find_if(floods_.rbegin(), floods_.rend(), [&](auto& flood) { return flood.node() == node; });
    if (found == floods_.rend()) throw lab::LabError(fmt::format("no flood on node {}", node));
    return *found;
}

std::vector<nlohmann::json> RingTest::finish_floods(milliseconds limit) {
    std::vector<Flood*> ending;
    for (auto& flood : floods_) {
        if (!flood.running()) continue;
        flood.stop();
        ending.push_back(&flood);
    }
    std::vector<nlohmann::json> results;
    for (auto* flood : ending) {
        results.push_back(result_of(*flood, limit));
        SCOPED_TRACE(fmt::format("flood on node {}", flood->node()));
        expect_clean(results.back());
    }
    return results;
}

void RingTest::expect_same_deliveries() {
    std::vector<std::vector<flood::View>> logs;
    for (const auto& flood : floods_) {
        logs.push_back(flood.deliveries());
        EXPECT_FALSE(logs.back().empty()) << "nothing was delivered on node " << flood.node();
    }
    for (std::size_t a = 0; a < floods_.size(); ++a) {
        for (std::size_t b = a + 1; b < floods_.size(); ++b) {
            if (floods_[a].node() == floods_[b].node()) continue;
            SCOPED_TRACE(fmt::format("deliveries on nodes {} and {}", floods_[a].node(), floods_[b].node()));
            const auto found = flood::compare(logs[a], logs[b]);
            EXPECT_EQ(found.difference, "");
            if (found.missed_by_a + found.missed_by_b == 0) continue;
            std::cout << fmt::format("nodes {} and {} lack {} and {} messages of a ring they came to\n",
                                     floods_[a].node(), floods_[b].node(), found.missed_by_a, found.missed_by_b);
        }
    }
}

std::map<unsigned, std::size_t> RingTest::log_marks() {
    std::map<unsigned, std::size_t> marks;
    for (const auto node : lab_->all()) {
        marks[node] = lab_->log(node).size();
    }
    return marks;
}

void RingTest::expect_same_membership(const std::map<unsigned, std::size_t>& marks) {
    const auto formed = count_in_logs("A new membership", marks), failed = count_in_logs("A processor failed", marks);
    if (formed > 0 && count_in_logs("process was not scheduled", marks) > 0)
        GTEST_SKIP() << "NOT TESTED, a daemon says that the machine did not let it run";
    EXPECT_EQ(formed, 0u);
    EXPECT_EQ(failed, 0u);
}

void RingTest::lose_and_regain_the_last() {
    const auto nodes = laboratory().all();
    const Nodes most(nodes.begin(), nodes.end() - 1), last = {nodes.back()};
    laboratory().kill(last);
    laboratory().wait_ring(most);
    laboratory().start(last);
    laboratory().wait_ring(nodes);
    laboratory().partition({most, last});
    laboratory().wait_ring(most);
    laboratory().wait_ring(last);
    laboratory().heal();
    laboratory().wait_ring(nodes, milliseconds(60000));
}

std::size_t RingTest::count_in_logs(const std::string& part, const std::map<unsigned, std::size_t>& marks) {
    std::size_t count = 0;
    for (const auto& [node, mark] : marks) {
        count += lab_->log(node).count(part, mark);
    }
    return count;
}

}  // namespace conformance
