#pragma once
// Three nodes on two networks under virtual time. Above each redundancy machine stands what is needed to keep a token
// going round: it is held for 4 ms, one message is sent with it, and it is sent again after 238 ms of silence, as in
// the traces of totem-rrp.md section 12.

#include <array>
#include <functional>
#include <map>
#include <memory>

#include "tests/rrp/machine.hpp"
#include "totem/srp/seq.hpp"

namespace totem::rrp::test {

class Trio {
public:
    explicit Trio(Mode mode);
    ~Trio();

    // From 0, when the first token is sent.
    void run_until(Duration time);
    Duration now() const { return now_ - Instant(kStart); }
    bool any_faulty(unsigned network) const;
    bool all_faulty(unsigned network) const;
    std::size_t tokens() const { return tokens_; }  // passed up for the first time, by all

    struct Event {
        Duration at;
        NodeId node;
        std::string text;  // a status, or "Automatically recovered ring N"
    };
    std::vector<Event> events;
    std::vector<Event> with(const std::string& text, NodeId node = 0) const;  // node 0: of all

    // Whether a packet is lost. Types 6 and 7 are packets like others.
    std::function<bool(unsigned network, NodeId from, NodeId to, wire::PacketType)> lose;
    // 0..99, the same in each run.
    unsigned percent() { return (random_ = random_ * 1664525 + 1013904223) / 65536 % 100; }

    unsigned messages_per_token = 1;
    std::uint32_t token_retransmit = 238;

private:
    static constexpr Duration kStart = 1000s, kHold = 4ms, kLatency = 300us;

    class Node;
    void send(unsigned network, NodeId from, NodeId to, Bytes packet);
    void schedule(Instant when, std::function<void()> what) { queue_.emplace(when, std::move(what)); }
    Node& at(NodeId id) const { return *nodes_[id - 1]; }

    Instant now_{kStart};
    std::multimap<Instant, std::function<void()>> queue_;
    std::array<std::unique_ptr<Node>, 3> nodes_;
    std::size_t tokens_ = 0;
    std::uint32_t random_ = 1;
};

}  // namespace totem::rrp::test
