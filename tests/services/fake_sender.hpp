#pragma once
// An executive that keeps what services multicast.

#include <deque>
#include <vector>

#include "engine/exec/service.hpp"

namespace engine::test {

class FakeSender final : public ExecSender {
public:
    explicit FakeSender(NodeId node, totem::Dialect dialect = totem::Dialect::v3, ByteOrder order = ByteOrder::little)
        : node_(node), dialect_(dialect), order_(order) {}

    bool multicast(std::uint32_t service, std::uint32_t function, std::span<const Bytes> body) override {
        if (full) return false;
        std::vector<std::uint8_t> bytes(kExecHeaderSize);
        for (Bytes chunk : body)
            bytes.insert(bytes.end(), chunk.begin(), chunk.end());
        totem::Writer out(bytes, order_);
        out.u32(service << 16 | function);
        out.u32(0);
        out.u32(static_cast<std::uint32_t>(bytes.size()));
        sent.push_back(std::move(bytes));
        return true;
    }
    NodeId local_node() const override { return node_; }
    ByteOrder order() const override { return order_; }
    totem::Dialect dialect() const override { return dialect_; }

    // Hands what was sent to `services`, as coming from this node.
    template <typename... Services>
    void deliver(Services&... services) {
        while (!sent.empty()) {
            const std::vector<std::uint8_t> bytes = std::move(sent.front());
            sent.pop_front();
            const std::uint32_t word = totem::Reader(bytes, order_).u32();
            (services.on_exec(word & 0xffff, node_, order_, bytes), ...);
        }
    }

    std::deque<std::vector<std::uint8_t>> sent;
    bool full = false;

private:
    const NodeId node_;
    const totem::Dialect dialect_;
    const ByteOrder order_;
};

inline totem::RingId ring(NodeId rep, std::uint64_t seq) {
    totem::RingId out;
    out.rep.nodeid = rep;
    out.seq = seq;
    return out;
}

// A synchronisation starts.
inline void init(Service& service, std::vector<NodeId> transitional, std::vector<NodeId> members,
                 std::uint64_t seq = 4) {
    service.participant()->sync_init(transitional, members, ring(members.front(), seq));
}

}  // namespace engine::test
