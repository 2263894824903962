#pragma once
// One observer of the ring that tells two others. What the steady state calls per message and per token visit is for
// the simulator's oracles and is not passed on.

#include "totem/srp/interfaces.hpp"

namespace engine {

class ObserverPair final : public totem::srp::Observer {
    using Observer = totem::srp::Observer;
    using Nodes = std::span<const totem::Identity>;

public:
    // Both must outlive this object. `first` hears everything first.
    ObserverPair(totem::srp::Observer& first, totem::srp::Observer& second) : first_(first), second_(second) {}

    void state_entered(totem::srp::State state) override { both(&Observer::state_entered, state); }
    void gather_entered(totem::srp::GatherReason reason) override { both(&Observer::gather_entered, reason); }
    void token_trail(const totem::srp::TokenTrail& trail) override { both(&Observer::token_trail, trail); }
    void token_lost(totem::srp::State state, totem::Duration elapsed) override {
        both(&Observer::token_lost, state, elapsed);
    }
    void token_warning(totem::Duration elapsed) override { both(&Observer::token_warning, elapsed); }
    void membership_formed(const totem::RingId& ring, Nodes members, Nodes joined, Nodes left,
                           Nodes left_without_leave_message) override {
        both(&Observer::membership_formed, ring, members, joined, left, left_without_leave_message);
    }
    void leave_received(const totem::Identity& leaver) override { both(&Observer::leave_received, leaver); }
    void join_received(const totem::Identity& sender, Nodes proc, Nodes failed) override {
        both(&Observer::join_received, sender, proc, failed);
    }
    void foreign_heard(const totem::Identity& sender, const totem::RingId& ring) override {
        both(&Observer::foreign_heard, sender, ring);
    }
    void process_suspected(const totem::Identity& member) override { both(&Observer::process_suspected, member); }
    void retransmit_list(std::span<const totem::wire::RtrItem> items) override {
        both(&Observer::retransmit_list, items);
    }
    void failed_to_receive() override { both(&Observer::failed_to_receive); }
    void pause_detected(totem::Duration pause) override { both(&Observer::pause_detected, pause); }
    void forced_gather() override { both(&Observer::forced_gather); }
    void datagram_dropped(totem::wire::Drop drop, totem::Bytes datagram) override {
        both(&Observer::datagram_dropped, drop, datagram);
    }
    void saved_old_state(std::uint32_t aru, std::uint32_t high_seq) override {
        both(&Observer::saved_old_state, aru, high_seq);
    }
    void commit_token_created() override { both(&Observer::commit_token_created); }
    void commit_token_received() override { both(&Observer::commit_token_received); }
    void initial_token_sent() override { both(&Observer::initial_token_sent); }
    void recovery_member(std::size_t position, const totem::Identity& member,
                         const totem::wire::CommitEntry& entry) override {
        both(&Observer::recovery_member, position, member, entry);
    }
    void recovery_originated(std::uint32_t low, std::uint32_t high, std::size_t count) override {
        both(&Observer::recovery_originated, low, high, count);
    }
    void configuration_delivered(const totem::srp::Configuration& change) override {
        both(&Observer::configuration_delivered, change);
    }
    void fatal(std::string_view what) override { both(&Observer::fatal, what); }

private:
    template <typename... Parameters, typename... Args>
    void both(void (Observer::*event)(Parameters...), const Args&... args) {
        (first_.*event)(args...);
        (second_.*event)(args...);
    }

    Observer& first_;
    Observer& second_;
};

}  // namespace engine
