#include "conformance/demo/scenes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

#include "conformance/client/flood_process.hpp"

namespace demo {

using lab::LabError;
using lab::milliseconds;
using lab::Nodes;

namespace {

constexpr milliseconds ring_limit{20000};
constexpr unsigned messages_per_node = 1500;
constexpr const char* sizes = "1:50,64:30,1400:15,20000:4,262144:1";

Nodes without(Nodes nodes, unsigned gone) {
    std::erase(nodes, gone);
    return nodes;
}

std::string list(const Nodes& nodes) {
    return fmt::format("{}", fmt::join(nodes, ", "));
}

}  // namespace

std::string Scenes::kind_of(unsigned node) const {
    const auto kind = lab_.manifest().nodes.at(node - 1).kind;
    return kind == lab::DaemonKind::totemd ? "totemd" : "real corosync";
}

lab::RingView Scenes::expect_ring(const Nodes& members, const std::string& what, milliseconds* took) {
    const auto time = narrator_.wait(what, ring_limit, [&] { return lab_.has_ring(members); });
    if (!time) throw LabError(fmt::format("nodes {} are in no common ring:\n{}", list(members), lab_.describe_rings()));
    if (took) *took = *time;
    return *lab_.ring(members.front());
}

void Scenes::show_rings() {
    for (const auto node : lab_.all()) {
        const auto ring = lab_.ring(node);
        narrator_.say(fmt::format("node {}  {:<14} {}", node, kind_of(node),
                                  ring ? fmt::format("ring {:<6} members {}", ring->ring_id, list(ring->members))
                                       : std::string("not running")));
    }
}

void Scenes::form() {
    narrator_.scene("Three nodes find each other");
    narrator_.say("Nodes 1 and 2 run totemd, node 3 the real corosync; all start at once in one multicast network.");
    lab_.start(lab_.all());
    milliseconds took{};
    const auto ring = expect_ring(lab_.all(), "waiting for one ring of all three", &took);
    show_rings();
    narrator_.check(ring.members == lab_.all(), fmt::format("one ring of all three after {}", in_seconds(took)));
}

void Scenes::flood() {
    narrator_.scene("All three send at once, as fast as they can");
    narrator_.say(
        fmt::format("A client on every node sends {} messages of 1 byte to 256 KiB; Totem has to deliver all of "
                    "them everywhere, in one order.",
                    messages_per_node));
    ++floods_;
    std::vector<flood::FloodProcess> floods;
    for (const auto node : lab_.all()) {
        floods.emplace_back(lab_, node, floods_,
                            std::vector<std::string>{"--group", fmt::format("demo-{}", floods_), "--send",
                                                     std::to_string(messages_per_node), "--sizes", sizes, "--members",
                                                     std::to_string(lab_.size()), "--timeout", "30"});
    }
    narrator_.wait("messages are on their way", milliseconds(32000),
                   [&] { return std::none_of(floods.begin(), floods.end(), [](auto& one) { return one.running(); }); });
    std::set<std::string> sequences;
    bool whole = true;
    for (auto& one : floods) {
        const auto result = one.result(milliseconds(1000));
        const auto delivered = result.value("delivered", 0u);
        narrator_.say(fmt::format("node {}  {:<14} delivered {} messages, {:.1f} MB in {:.1f} s; sequence {}",
                                  one.node(), kind_of(one.node()), delivered, result.value("bytes", 0.0) / 1e6,
                                  result.value("seconds", 0.0), result.value("chain", "?")));
        whole = whole && result.value("complete", false) && result.value("error_count", 1) == 0 &&
                delivered == messages_per_node * lab_.size();
        sequences.insert(result.value("chain", "?"));
    }
    narrator_.check(whole, "every node delivered all messages, whole and in each sender's order");
    narrator_.check(sequences.size() == 1, "all nodes delivered the same sequence");
}

void Scenes::crash(unsigned node) {
    narrator_.scene(fmt::format("Node {} ({}) is killed with SIGKILL", node, kind_of(node)));
    const auto survivors = without(lab_.all(), node);
    lab_.kill(node);
    milliseconds took{};
    const auto ring = expect_ring(survivors, "the survivors miss the token and agree on a new ring", &took);
    show_rings();
    narrator_.check(ring.members == survivors,
                    fmt::format("nodes {} are in ring {} {} after the crash (token timeout 1.65 s + consensus 1.98 s)",
                                list(survivors), ring.ring_id, in_seconds(took)));
}

void Scenes::come_back(unsigned node) {
    narrator_.scene(fmt::format("Node {} comes back", node));
    lab_.start(node);
    milliseconds took{};
    const auto ring = expect_ring(lab_.all(), "waiting for it to be taken in", &took);
    show_rings();
    narrator_.check(true, fmt::format("ring {} of all three {} after its start", ring.ring_id, in_seconds(took)));
}

void Scenes::partition_and_heal() {
    narrator_.scene("The network is cut between nodes 1, 2 and node 3");
    const Nodes left = {1, 2}, right = {3};
    lab_.partition({left, right});
    milliseconds took{};
    expect_ring(left, "both sides notice", &took);
    expect_ring(right, "the other side, too");
    show_rings();
    narrator_.check(true, fmt::format("each side has a ring of its own after {}", in_seconds(took)));
    narrator_.say("The network is healed.");
    lab_.heal();
    const auto ring = expect_ring(lab_.all(), "the two rings hear of each other", &took);
    show_rings();
    narrator_.check(true, fmt::format("one ring again, {}, after {}", ring.ring_id, in_seconds(took)));
}

void Scenes::leave(unsigned node) {
    narrator_.scene(fmt::format("Node {} ({}) is shut down in order", node, kind_of(node)));
    const auto others = without(lab_.all(), node);
    const auto mark = lab_.log(others.front()).size();
    lab_.stop(node);
    milliseconds took{};
    expect_ring(others, "waiting for the others' ring", &took);
    show_rings();
    narrator_.check(lab_.exit_code(node) == 0, "it ended without an error");
    narrator_.check(
        lab_.log(others.front()).count("A processor failed", mark) == 0,
        fmt::format("it said goodbye: no timeout was needed, the new ring came {} after its end", in_seconds(took)));
}

}  // namespace demo
