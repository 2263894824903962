// The end of a run: nothing goes wrong any more, and the cluster has to show it is well. Liveness
// (I20), services in step, messages for everybody, and quiet when there is nothing to do (I21).

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tests/sim/world.hpp"
#include "totem/srp/pace.hpp"

namespace totem::sim {
namespace {

// Looks at progress while the cluster speaks, per token timeout.
constexpr Time kSpeakingTokens = 400;

// The longest pause between two tests of a faulty network, and then some.
constexpr Time kMending = 65 * kSecond;

}  // namespace

void World::next_milestone(Time in) {
    queue_.push({around_.now + in, 0, Event::Kind::milestone, false, 0, 0, {}, 0});
}

void World::milestone() {
    const Time token = scenario_.nodes[0].parameters.token * kMillisecond;
    switch (phase_) {
        case Phase::trouble:
            phase_ = Phase::converging;
            calm_down();
            return next_milestone(scenario_.converged_within);
        case Phase::converging:
            check_converged();
            phase_ = Phase::speaking;
            deadline_ = around_.now + kSpeakingTokens * token;
            return next_milestone(1);
        case Phase::speaking:
            return speak();
        case Phase::mending:
            return after_speaking();
        case Phase::quieting:
            return begin_idle();
        case Phase::idle:
            check_idle();
            [[fallthrough]];
        case Phase::done:
            phase_ = Phase::done;
    }
}

void World::calm_down() {
    trace_.line(around_.now, 0, "calm");
    datagrams_before_ = queue_.next_order();
    links_.update(around_.now);
    for (auto& node : nodes_) {
        node->recover();
        node->start(false);
    }
}

bool World::converged() const {
    return std::ranges::all_of(nodes_, [&](const auto& node) {
        return node->running() && node->ring().state() == srp::State::operational && node->regular() != kNoRing &&
               node->regular() == nodes_[0]->regular() &&
               history_.facts().ring(node->regular()).members.size() == nodes_.size();
    });
}

std::string World::differences() const {
    std::string text;
    for (const auto& node : nodes_)
        text += node->running() ? fmt::format(" {}: {} in {};", node->id(), srp::describe(node->ring().state()),
                                              history_.facts().name(node->regular()))
                                : fmt::format(" {}: down;", node->id());
    return text;
}

void World::check_converged() {
    if (!converged()) return fail(kLate, "no common configuration of all nodes in time:" + differences());
    agreed_ = nodes_[0]->regular();
    trace_.line(around_.now, 0, "converged");
}

// Clients speak until everybody was heard; services must be in step by then.
void World::speak() {
    const Time token = scenario_.nodes[0].parameters.token * kMillisecond;
    if (!converged() || nodes_[0]->regular() != agreed_) {
        // Until it is marked a dead network costs tokens.
        if (!scenario_.dead || around_.now > deadline_)
            return fail("I20", "another configuration although all was well:" + differences());
        if (converged()) agreed_ = nodes_[0]->regular();
        return next_milestone(token / 4);
    }
    const bool synchronized = std::ranges::all_of(nodes_, [](const auto& node) { return node->synchronized(); });
    if (around_.now > deadline_)
        return fail("liveness", synchronized ? "messages do not come through" : "services do not synchronise");
    if (!synchronized) return next_milestone(token / 4);
    if (!present_) {
        present_ = true;
        for (auto& node : nodes_)
            present_ &= node->ensure_client();
        return next_milestone(token / 4);
    }
    if (!spoken_ && !cpg_.all_joined()) return next_milestone(token / 4);
    if (!spoken_) {
        spoken_ = true;
        for (auto& node : nodes_)
            spoken_ &= node->speak();
        return next_milestone(token / 4);
    }
    if (!cpg_.all_heard()) return next_milestone(token / 4);
    check_lists();
    phase_ = Phase::mending;
    deadline_ = around_.now + kMending;
    after_speaking();
}

// Networks that are well are used by all, a dead one by nobody.
std::string World::network_troubles() const {
    std::string text;
    for (const auto& node : nodes_) {
        for (unsigned i = 0; i < scenario_.networks; ++i) {
            const bool dead = scenario_.dead == i && nodes_.size() > 1;
            if (node->faulty(i) == dead) continue;
            text += fmt::format(" {} {} network {};", node->id(), dead ? "uses dead" : "does not use", i);
        }
    }
    return text;
}

void World::after_speaking() {
    if (const std::string troubles = network_troubles(); !troubles.empty()) {
        if (around_.now > deadline_) return fail("redundancy", "networks are not used as they are:" + troubles);
        return next_milestone(scenario_.nodes[0].parameters.token * kMillisecond);
    }
    if (!scenario_.watch_idle) {
        phase_ = Phase::done;
        return;
    }
    phase_ = Phase::quieting;
    const Time token = scenario_.nodes[0].parameters.token * kMillisecond;
    std::uint32_t rotations = 0;
    for (const NodeSetup& node : scenario_.nodes)
        rotations = std::max(rotations, node.parameters.seqno_unchanged_const);
    const Time rotation = static_cast<Time>(nodes_.size()) * (scenario_.hop + scenario_.jitter) * 2;
    next_milestone((rotations + 4) * rotation + token);
}

// Every node lists exactly the processes that are there.
void World::check_lists() {
    std::vector<std::pair<NodeId, std::uint32_t>> truth;
    for (const auto& node : nodes_)
        for (const auto& client : node->clients().all())
            if (!client.done) truth.emplace_back(node->id(), client.pid);
    std::ranges::sort(truth);
    for (const auto& node : nodes_) {
        std::vector<std::pair<NodeId, std::uint32_t>> listed;
        for (const auto& process : node->processes())
            listed.emplace_back(process.node, process.pid);
        std::ranges::sort(listed);
        if (listed != truth)
            history_.verdict().fail("cpg ghost", {node->id()},
                                    fmt::format("node {} lists {}, there are {}", node->id(), listed, truth));
    }
}

void World::begin_idle() {
    trace_.line(around_.now, 0, "idle");
    std::ranges::fill(sent_, 0);
    phase_ = Phase::idle;
    next_milestone(8 * scenario_.nodes[0].parameters.hold * kMillisecond);
}

void World::check_idle() {
    const auto& p = scenario_.nodes[0].parameters;
    const std::uint64_t count = nodes_.size();
    const Time watched = 8 * p.hold * kMillisecond;
    const auto sent = [&](wire::PacketType type) { return sent_[static_cast<std::size_t>(type)]; };
    // Each rotation takes at least the hold time; slow rotations make nodes repeat the token. A ring of ours that
    // watches processes does both sooner.
    srp::Pace pace(scenario_.nodes[0].pace);
    pace.begin({.headroom = std::ranges::min(scenario_.nodes, {}, &NodeSetup::socket_holds).socket_holds});
    const auto times_in = [&](std::uint32_t time) {
        return static_cast<std::uint64_t>(watched) / (time * kMillisecond);
    };
    const std::uint64_t rotations = times_in(pace.hold(p)) + 2;
    const std::uint64_t copies = scenario_.mode == rrp::Mode::active ? scenario_.networks : 1;
    const std::uint64_t repeats = times_in(pace.token_retransmit(p)) + 1;
    if (sent(wire::PacketType::token) > copies * count * (rotations + repeats))
        fail("I21",
             fmt::format("{} tokens in {} hold times of an idle ring of {}", sent(wire::PacketType::token), 8, count));
    if (sent(wire::PacketType::merge_detect) > copies * rotations)
        fail("I21", fmt::format("{} merge detects in {} hold times", sent(wire::PacketType::merge_detect), 8));
    for (const auto type : {wire::PacketType::mcast, wire::PacketType::join, wire::PacketType::commit_token,
                            wire::PacketType::hold_cancel})
        if (sent(type) != 0)
            fail("I21", fmt::format("{} packets of type {} on an idle ring", sent(type), static_cast<int>(type)));
    if (!converged() || nodes_[0]->regular() != agreed_)
        fail("I20", "another configuration although all was well:" + differences());
}

}  // namespace totem::sim
