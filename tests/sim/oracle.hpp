#pragma once
// The shape of an oracle: it hears what every node reports, in the order in which it happened, and
// tells a Verdict when a rule of totem-srp.md section 24 is broken.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "tests/sim/facts.hpp"
#include "tests/sim/types.hpp"
#include "tests/sim/verdict.hpp"
#include "totem/srp/interfaces.hpp"

namespace totem::sim {

struct Who {
    Life life = 0;
    NodeId node = 0;
};

struct ConfigurationEvent {
    Who who;
    srp::Configuration::Kind kind;
    RingKey ring;
    std::span<const NodeId> members, left, joined;
    bool regular() const { return kind == srp::Configuration::Kind::regular; }
};

struct DeliveryEvent {
    Who who;
    RingKey ring;
    std::uint32_t seq;
    NodeId originator;
    std::uint64_t hash;
};

struct AssignmentEvent {
    Who who;
    RingKey ring;
    std::uint32_t seq;
    std::uint64_t hash;
    bool repeated;  // the number had been assigned before
};

struct TokenVisit {
    Who who;
    RingKey ring;
    const wire::Token& received;
    const wire::Token& sent;
    std::uint32_t multicasts;  // ordered messages sent since the previous visit
    bool recovering;           // the numbers went to recovery messages, which nobody reports
    bool kept;                 // the node still had the token of its visit before
};

class Oracle {
public:
    Oracle(const Facts& facts, Verdict& verdict) : facts_(facts), verdict_(verdict) {}
    virtual ~Oracle() = default;
    Oracle(const Oracle&) = delete;
    Oracle& operator=(const Oracle&) = delete;

    // `lost_file`: this life does not know the ring ids of earlier ones.
    virtual void started(Who, bool /*lost_file*/) {}
    virtual void configuration(const ConfigurationEvent&) {}
    virtual void delivery(const DeliveryEvent&) {}
    virtual void assignment(const AssignmentEvent&) {}
    virtual void freed(Who, RingKey, std::uint32_t /*up_to*/) {}
    virtual void token_visit(const TokenVisit&) {}
    virtual void token_sent(NodeId, RingKey, std::uint32_t /*token_seq*/, std::uint64_t /*hash*/) {}
    virtual void commit_filled(Who, RingKey) {}

protected:
    // State kept per life or per ring.
    template <typename T>
    static T& at(std::vector<T>& table, std::uint32_t index) {
        if (index >= table.size()) table.resize(index + 1);
        return table[index];
    }
    const Facts& facts_;
    Verdict& verdict_;
};

// What the token oracle needs to know about the cluster.
struct TokenLimits {
    std::uint32_t max_messages = 17;
    std::uint32_t window_size = 50;
    bool equal_everywhere = true;  // max_messages is then the greatest of all nodes
};

// One unit each; the file of the same name says which invariants.
std::unique_ptr<Oracle> make_configuration_oracle(const Facts& facts, Verdict& verdict);
std::unique_ptr<Oracle> make_transition_oracle(const Facts& facts, Verdict& verdict);
std::unique_ptr<Oracle> make_order_oracle(const Facts& facts, Verdict& verdict);
std::unique_ptr<Oracle> make_recovery_oracle(const Facts& facts, Verdict& verdict);
std::unique_ptr<Oracle> make_self_delivery_oracle(const Facts& facts, Verdict& verdict);
std::unique_ptr<Oracle> make_release_oracle(const Facts& facts, Verdict& verdict);
std::unique_ptr<Oracle> make_token_oracle(const Facts& facts, Verdict& verdict, const TokenLimits& limits);

}  // namespace totem::sim
