#pragma once
// Rings in one thread with a network that costs nothing: a fixed queue of frames, handed over in the order sent. For
// tests that count allocations or send very many messages. Allocates only at construction.

#include <array>
#include <functional>
#include <memory>
#include <vector>

#include "totem/srp/ring.hpp"

namespace totem::srp::test {

class Loop {
public:
    class Node final : public Upper, public Effects, public Observer {
    public:
        Node(Loop& loop, const RingConfig& config, FramePool& pool)
            : ring(config, pool, *this, *this, *this), loop_(loop), id_(config.self.nodeid) {}

        std::uint64_t delivered = 0;
        std::uint64_t checksum = 0;  // of what was delivered, in order
        Ring ring;

    private:
        void deliver(const Message& message) override {
            ++delivered;
            for (std::size_t i = 0; i < 8 && i < message.payload.size(); ++i) {
                checksum = checksum * 1099511628211ULL + message.payload[i];
            }
        }
        void configuration(const Configuration& change) override {
            if (change.kind == Configuration::Kind::regular) ring.synchronized();
        }
        void token_received() override {
            if (loop_.ready_) loop_.before_sending_(*this);
        }
        void token_sent() override {}
        void multicast(const FrameRef& frame, Fanout) override { loop_.push(id_, 0, frame); }
        void unicast(const FrameRef& frame, const Identity& target) override { loop_.push(id_, target.nodeid, frame); }
        void flush() override {}
        bool store_ring_seq(std::uint64_t) override { return true; }
        bool discard_pending_input() override { return false; }
        std::uint32_t random_up_to(std::uint32_t bound) override { return bound; }

        Loop& loop_;
        NodeId id_;
    };

    // `sender` runs at every token visit once the ring is complete; check ready().
    Loop(std::size_t count, Dialect dialect, std::function<void(Node&)> sender)
        : queue_(kQueue), before_sending_(std::move(sender)) {
        RingConfig config;
        config.dialect = dialect;
        config.parameters = derive({}, dialect, count);
        for (std::size_t i = 0; i < count; ++i) {
            config.self = identity(dialect, static_cast<NodeId>(i + 1));
            nodes.push_back(std::make_unique<Node>(*this, config, pool));
        }
        for (auto& node : nodes)
            node->ring.start(now, 0);
        for (int i = 0; i < 100'000 && !formed(); ++i)
            step();
        ready_ = formed();
    }

    bool ready() const { return ready_; }
    bool formed() const {
        for (const auto& node : nodes) {
            if (node->ring.state() != State::operational || node->ring.members().size() != nodes.size()) return false;
        }
        return true;
    }

    // One packet, or the next timer if none is on its way.
    void step() {
        for (auto& node : nodes) {
            if (node->ring.next_timeout() <= now) node->ring.on_timeout(now);
        }
        if (size_ == 0) {
            Instant next = kNever;
            for (const auto& node : nodes)
                next = std::min(next, node->ring.next_timeout());
            now = std::max(now, next);
            return;
        }
        Entry entry = std::move(queue_[first_]);
        first_ = (first_ + 1) % kQueue;
        --size_;
        now += std::chrono::microseconds(1);
        for (auto& node : nodes) {
            const NodeId id = node->ring.self().nodeid;
            if (entry.to == 0 ? id != entry.from : id == entry.to) node->ring.on_datagram(now, entry.frame.bytes());
        }
    }

    FramePool pool;
    Instant now{std::chrono::seconds(1)};
    std::vector<std::unique_ptr<Node>> nodes;

    static Identity identity(Dialect dialect, NodeId id) {
        if (dialect == Dialect::v3) return Identity::v3(id);
        Identity out;
        out.nodeid = out.addr[0].nodeid = id;
        out.addr[0].family = NodeAddress::kIpv4;
        out.addr[0].bytes = {10, 77, 0, static_cast<std::uint8_t>(id)};
        return out;
    }

private:
    struct Entry {
        NodeId from = 0, to = 0;
        FrameRef frame;
    };
    static constexpr std::size_t kQueue = 4096;

    void push(NodeId from, NodeId to, const FrameRef& frame) {
        if (size_ == kQueue) return;  // lost, as on a network
        queue_[(first_ + size_) % kQueue] = Entry{from, to, frame};
        ++size_;
    }

    std::vector<Entry> queue_;
    std::size_t first_ = 0, size_ = 0;
    std::function<void(Node&)> before_sending_;
    bool ready_ = false;
};

}  // namespace totem::srp::test
