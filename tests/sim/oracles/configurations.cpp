// I1 agreement, I2 self-inclusion, I3 growing ring numbers, I4 transitional before regular,
// I5 what left and joined mean, I19 no configuration without its commit token.

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tests/sim/oracle.hpp"

namespace totem::sim {
namespace {

using Members = std::vector<NodeId>;

bool has(std::span<const NodeId> list, NodeId node) {
    return std::find(list.begin(), list.end(), node) != list.end();
}

Members sorted(std::span<const NodeId> list) {
    Members out(list.begin(), list.end());
    std::sort(out.begin(), out.end());
    return out;
}

Members without(std::span<const NodeId> from, std::span<const NodeId> what) {
    Members out;
    for (NodeId node : from)
        if (!has(what, node)) out.push_back(node);
    return out;
}

bool subset(std::span<const NodeId> inner, std::span<const NodeId> outer) {
    return std::all_of(inner.begin(), inner.end(), [&](NodeId node) { return has(outer, node); });
}

class ConfigurationOracle final : public Oracle {
public:
    using Oracle::Oracle;

    void started(Who who, bool lost_file) override {
        if (lost_file) last_seq_.erase(who.node);
    }

    void commit_filled(Who who, RingKey ring) override { at(lives_, who.life).filled.insert(ring); }

    void configuration(const ConfigurationEvent& event) override {
        event.regular() ? regular(event) : transitional(event);
    }

private:
    struct State {
        Members members;       // of the last regular configuration
        Members transitional;  // of the pending transitional one
        RingKey pending = kNoRing;
        bool any_regular = false;
        std::set<RingKey> filled;
    };

    void transitional(const ConfigurationEvent& event) {
        State& self = at(lives_, event.who.life);
        if (self.pending != kNoRing) fail(event, "I4", "a second transitional configuration in a row");
        const bool first = !self.any_regular;
        if (first ? !event.members.empty() : !has(event.members, event.who.node))
            fail(event, "I2",
                 first ? "the first transitional configuration has members"
                       : "not in the own transitional configuration");
        if (!subset(event.members, self.members))
            fail(event, "I5", "transitional members that were not in the previous regular configuration");
        if (sorted(event.left) != sorted(without(self.members, event.members)))
            fail(event, "I5", "left is not the previous members less the transitional ones");
        if (!event.joined.empty()) fail(event, "I5", "a transitional configuration with joined nodes");
        self.pending = event.ring;
        self.transitional.assign(event.members.begin(), event.members.end());
    }

    void regular(const ConfigurationEvent& event) {
        State& self = at(lives_, event.who.life);
        if (self.pending != event.ring)
            fail(event, "I4", "no transitional configuration of the same ring before the regular one");
        if (!has(event.members, event.who.node)) fail(event, "I2", "not in the own regular configuration");
        check_agreement(event);
        check_growth(event);
        if (!subset(self.transitional, event.members))
            fail(event, "I5", "transitional members that are not in the new configuration");
        if (sorted(event.joined) != sorted(without(event.members, self.transitional)))
            fail(event, "I5", "joined is not the new members less the transitional ones");
        if (!event.left.empty()) fail(event, "I5", "a regular configuration with left nodes");
        if (!self.filled.contains(event.ring))
            fail(event, "I19", "the commit token of this ring was never filled here");
        self.members.assign(event.members.begin(), event.members.end());
        self.transitional.clear();
        self.pending = kNoRing;
        self.any_regular = true;
    }

    void check_agreement(const ConfigurationEvent& event) {
        auto [known, fresh] = agreed_.try_emplace(event.ring, event.members.begin(), event.members.end());
        if (!fresh &&
            !std::equal(known->second.begin(), known->second.end(), event.members.begin(), event.members.end()))
            fail(event, "I1", fmt::format("another node knows the members {}", known->second));
    }

    void check_growth(const ConfigurationEvent& event) {
        const std::uint64_t seq = facts_.ring(event.ring).id.seq;
        auto [last, fresh] = last_seq_.try_emplace(event.who.node, seq);
        if (!fresh && seq <= last->second)
            fail(event, "I3", fmt::format("ring number {:x} after {:x}", seq, last->second));
        last->second = seq;
    }

    void fail(const ConfigurationEvent& event, std::string rule, std::string text) {
        verdict_.fail(std::move(rule), {event.who.node},
                      fmt::format("{} configuration {} members {} left {} joined {}: {}",
                                  event.regular() ? "regular" : "transitional", facts_.name(event.ring), event.members,
                                  event.left, event.joined, text));
    }

    std::vector<State> lives_;
    std::map<RingKey, Members> agreed_;
    std::map<NodeId, std::uint64_t> last_seq_;
};

}  // namespace

std::unique_ptr<Oracle> make_configuration_oracle(const Facts& facts, Verdict& verdict) {
    return std::make_unique<ConfigurationOracle>(facts, verdict);
}

}  // namespace totem::sim
