// I16 one token, I17 what it may say, I18 how much may be sent with it.

#include <unordered_map>

#include <fmt/format.h>

#include "tests/sim/oracle.hpp"

namespace totem::sim {
namespace {

// Section 4.
bool before(std::uint32_t a, std::uint32_t b) {
    if (a > 0x80000000u || b > 0x80000000u) return a - 0x10000u < b - 0x10000u;
    return a < b;
}

class TokenOracle final : public Oracle {
public:
    TokenOracle(const Facts& facts, Verdict& verdict, const TokenLimits& limits)
        : Oracle(facts, verdict), limits_(limits) {}

    void token_sent(NodeId node, RingKey key, std::uint32_t token_seq, std::uint64_t hash) override {
        auto& sent = at(rings_, key).sent;
        auto [known, fresh] = sent.try_emplace(token_seq, Copy{node, hash});
        if (fresh || known->second.hash == hash) return;
        verdict_.fail("I16", {node, known->second.node},
                      fmt::format("two different tokens {} number {}", facts_.name(key), token_seq));
    }

    void freed(Who who, RingKey key, std::uint32_t up_to) override { at(lives_, who.life).released = {key, up_to}; }

    void assignment(const AssignmentEvent& event) override { ++at(lives_, event.who.life).assigned; }

    void token_visit(const TokenVisit& visit) override {
        check_unique(visit);
        check_content(visit);
        check_amount(visit);
        at(lives_, visit.who.life).assigned = 0;
    }

private:
    struct Copy {
        NodeId node;
        std::uint64_t hash;
    };
    struct RingState {
        std::unordered_map<std::uint32_t, Copy> sent;
        bool any = false;
        std::uint32_t last_token_seq = 0, last_seq = 0;
        NodeId last_node = 0;
    };
    struct LifeState {
        struct {
            RingKey ring = kNoRing;
            std::uint32_t up_to = 0;
        } released;
        std::uint32_t assigned = 0;
    };

    void check_unique(const TokenVisit& visit) {
        RingState& ring = at(rings_, visit.ring);
        if (visit.kept) {
            if (!ring.any || ring.last_node != visit.who.node || visit.received.token_seq != ring.last_token_seq + 1)
                fail(visit, "I16",
                     fmt::format("node {} had handled number {} last", ring.last_node, ring.last_token_seq));
            ring.last_seq = visit.sent.seq;
            return;
        }
        if (ring.any && !before(ring.last_token_seq, visit.received.token_seq))
            fail(visit, "I16", fmt::format("node {} had handled number {}", ring.last_node, ring.last_token_seq));
        if (ring.any && before(visit.received.seq, ring.last_seq))
            fail(visit, "I17", fmt::format("seq fell from {} to {}", ring.last_seq, visit.received.seq));
        ring.any = true;
        ring.last_token_seq = visit.received.token_seq;
        ring.last_seq = visit.sent.seq;
        ring.last_node = visit.who.node;
    }

    void check_content(const TokenVisit& visit) {
        const wire::Token& sent = visit.sent;
        if (before(sent.seq, visit.received.seq)) fail(visit, "I17", "seq fell during the visit");
        if (before(sent.seq, sent.aru)) fail(visit, "I17", fmt::format("aru {} above seq {}", sent.aru, sent.seq));
        if (sent.rtr_count > kMaxRtrEntries) fail(visit, "I17", "too many requests");
        const auto& released = at(lives_, visit.who.life).released;
        const std::uint32_t low = released.ring == visit.ring ? released.up_to : 0;
        if (sent.seq - low >= kWindow) fail(visit, "I17", fmt::format("seq {} with {} released", sent.seq, low));
    }

    void check_amount(const TokenVisit& visit) {
        const std::uint32_t assigned = at(lives_, visit.who.life).assigned;
        if (!visit.recovering && visit.sent.seq - visit.received.seq != assigned)
            fail(visit, "I8",
                 fmt::format("{} numbers taken, {} messages sent", visit.sent.seq - visit.received.seq, assigned));
        if (visit.multicasts > limits_.max_messages || assigned > limits_.max_messages)
            fail(visit, "I18", fmt::format("{} messages in one visit", visit.multicasts));
        if (limits_.equal_everywhere && visit.sent.fcc > limits_.window_size)
            fail(visit, "I18", fmt::format("{} messages in one rotation", visit.sent.fcc));
    }

    void fail(const TokenVisit& visit, std::string rule, std::string text) {
        verdict_.fail(
            std::move(rule), {visit.who.node},
            fmt::format("node {}: token {} number {} seq {} aru {}: {}", visit.who.node, facts_.name(visit.ring),
                        visit.received.token_seq, visit.received.seq, visit.received.aru, text));
    }

    TokenLimits limits_;
    std::vector<RingState> rings_;
    std::vector<LifeState> lives_;
};

}  // namespace

std::unique_ptr<Oracle> make_token_oracle(const Facts& facts, Verdict& verdict, const TokenLimits& limits) {
    return std::make_unique<TokenOracle>(facts, verdict, limits);
}

}  // namespace totem::sim
