#include "tests/rrp/trio.hpp"

namespace totem::rrp::test {

class Trio::Node final : private Networks, private Upper, private Observer {
public:
    Node(Trio& trio, NodeId id, Mode mode)
        : trio_(trio),
          id_(id),
          next_(id % 3 + 1),
          rrp({.dialect = Dialect::v2, .mode = mode, .networks = 2, .self = id}, pool_, *this, *this, *this) {
        rrp.set_members(std::vector<Identity>{node(1), node(2), node(3)});
    }

    void pass_on() {
        for (unsigned i = 0; i < trio_.messages_per_token; ++i)
            rrp.multicast(pool_.copy(mcast(last_)), Networks::Fanout::members);
        send_token();
    }
    void on_timeout() {
        if (retransmit_at_ <= trio_.now_) send_token();
        rrp.on_timeout(trio_.now_);
    }
    Instant next_timeout() const { return std::min(retransmit_at_, rrp.next_timeout()); }

private:
    void send_token() {
        retransmit_at_ = trio_.now_ + std::chrono::milliseconds(trio_.token_retransmit);
        rrp.unicast(pool_.copy(token(last_ + 1)), node(next_));
    }

    void multicast(unsigned network, const FrameRef& frame, Fanout) override {
        for (NodeId to = 1; to <= 3; ++to) {
            if (to != id_) trio_.send(network, id_, to, frame.bytes());
        }
    }
    void unicast(unsigned network, const FrameRef& frame, const Identity& target) override {
        trio_.send(network, id_, target.nodeid, frame.bytes());
    }
    void drain_others(unsigned) override {}
    void flush() override {}
    bool discard_pending_input() override { return false; }

    void packet(Bytes packet) override {
        const wire::Codec codec(Dialect::v2);
        wire::Token received;
        if (codec.decode(packet, received) != wire::Drop::none) return;
        if (!srp::precedes(last_, received.token_seq)) return;
        last_ = received.token_seq;
        retransmit_at_ = kNever;
        ++trio_.tokens_;
        trio_.schedule(trio_.now_ + kHold, [this] { pass_on(); });
    }

    void network_status(unsigned network, const Status& status) override {
        const std::string address = "10.7" + std::to_string(7 + network) + ".0." + std::to_string(id_);
        trio_.events.push_back({trio_.now(), id_, describe(status, network, address)});
    }
    void ring_test_activated(unsigned network, const wire::RingTest&, bool recovered) override {
        if (!recovered) return;
        trio_.events.push_back({trio_.now(), id_, "Automatically recovered ring " + std::to_string(network)});
    }

    Trio& trio_;
    const NodeId id_, next_;
    FramePool pool_;
    std::uint32_t last_ = 0;
    Instant retransmit_at_ = kNever;

public:
    Redundancy rrp;
};

Trio::Trio(Mode mode) {
    for (NodeId id = 1; id <= 3; ++id)
        nodes_[id - 1] = std::make_unique<Node>(*this, id, mode);
    schedule(now_, [this] { at(1).pass_on(); });
}

Trio::~Trio() = default;

void Trio::send(unsigned network, NodeId from, NodeId to, Bytes packet) {
    if (lose && lose(network, from, to, static_cast<wire::PacketType>(packet[0]))) return;
    schedule(now_ + kLatency, [this, network, to, copy = Buffer(packet.begin(), packet.end())] {
        at(to).rrp.receive(now_, network, copy);
    });
}

void Trio::run_until(Duration time) {
    const Instant end = Instant(kStart) + time;
    for (;;) {
        Instant next = queue_.empty() ? kNever : queue_.begin()->first;
        Node* timed = nullptr;
        for (const auto& each : nodes_) {
            if (each->next_timeout() >= next) continue;
            next = each->next_timeout();
            timed = each.get();
        }
        if (next >= end) break;
        now_ = std::max(now_, next);
        if (timed != nullptr) {
            timed->on_timeout();
            continue;
        }
        const auto what = std::move(queue_.begin()->second);
        queue_.erase(queue_.begin());
        what();
    }
    now_ = end;
}

bool Trio::any_faulty(unsigned network) const {
    return std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& each) { return each->rrp.faulty(network); });
}

bool Trio::all_faulty(unsigned network) const {
    return std::all_of(nodes_.begin(), nodes_.end(), [&](const auto& each) { return each->rrp.faulty(network); });
}

std::vector<Trio::Event> Trio::with(const std::string& text, NodeId node) const {
    std::vector<Event> out;
    for (const Event& event : events) {
        if (event.text.find(text) != std::string::npos && (node == 0 || event.node == node)) out.push_back(event);
    }
    return out;
}

}  // namespace totem::rrp::test
