#pragma once
// The ring below one service, for a fuzz target: keeps what was multicast, so that the input can have it delivered.

#include <deque>
#include <span>
#include <vector>

#include "engine/exec/service.hpp"
#include "tests/fuzz/input.hpp"

namespace totem::fuzz {

using Buffer = std::vector<std::uint8_t>;

// Writes the size into the executive header that `message` begins with.
inline void set_size(Buffer& message, ByteOrder order) {
    Writer(MutableBytes(message).subspan(8), order).u32(static_cast<std::uint32_t>(message.size()));
}

class RecordingSender final : public engine::ExecSender {
public:
    static constexpr engine::NodeId kSelf = 1;

    struct Sent {
        std::uint32_t function;
        Buffer message;
    };
    // Only messages of this service and below that function count are right.
    RecordingSender(std::uint32_t service, std::uint32_t function_count, Dialect dialect, ByteOrder order)
        : service_(service), function_count_(function_count), dialect_(dialect), order_(order) {}

    bool multicast(std::uint32_t service, std::uint32_t function, std::span<const Bytes> body) override {
        FUZZ_CHECK(service == service_ && function < function_count_);
        if (full) return false;
        Buffer message(engine::kExecHeaderSize);
        for (const Bytes chunk : body)
            message.insert(message.end(), chunk.begin(), chunk.end());
        set_size(message, order_);
        sent.push_back({function, std::move(message)});
        if (sent.size() > 64) sent.pop_front();
        return true;
    }
    engine::NodeId local_node() const override { return kSelf; }
    ByteOrder order() const override { return order_; }
    Dialect dialect() const override { return dialect_; }

    // One of our own messages comes back in total order.
    void deliver_own(engine::Service& service, Input& in) {
        if (sent.empty()) return;
        const Sent copy = sent[in.u8() % sent.size()];
        service.on_exec(copy.function, kSelf, order_, copy.message);
    }
    // Nothing in it is right by design; the first bytes are the header.
    static void deliver_raw(engine::Service& service, Input& in) {
        const std::uint32_t function = in.u8();
        const engine::NodeId from = in.below(5);
        const ByteOrder order = in.order();
        service.on_exec(function, from, order, in.bytes());
    }
    // A message as a peer would send it, perhaps with one byte changed, perhaps cut.
    void deliver_bent(engine::Service& service, Input& in, std::uint32_t function, Bytes body) const {
        Buffer message(engine::kExecHeaderSize);
        message.insert(message.end(), body.begin(), body.end());
        set_size(message, order_);
        if (in.flag()) {
            const std::size_t at = in.u16() % message.size();
            message[at] = in.u8();
        }
        if (in.flag()) message.resize(in.u16() % (message.size() + 1));
        service.on_exec(function, in.below(5), order_, message);
    }

    bool full = false;
    std::deque<Sent> sent;

private:
    const std::uint32_t service_, function_count_;
    const Dialect dialect_;
    const ByteOrder order_;
};

// The synchroniser's promise to a service: init, then process until done, then activate or abort.
class Synchronisation {
public:
    void step(engine::Service& service, Input& in, Instant now) {
        sync::Participant* participant = service.participant();
        if (participant == nullptr) return;
        switch (in.below(4)) {
            case 0:
                return init(*participant, in);
            case 1:
                if (initialised_) (void)participant->sync_process(now);
                return;
            case 2:
                if (initialised_) participant->sync_activate(now);
                break;
            default:
                if (initialised_) participant->sync_abort();
        }
        initialised_ = false;
    }

private:
    void init(sync::Participant& participant, Input& in) {
        const auto members = nodes(in.u8()), transitional = nodes(in.u8());
        RingId ring;
        ring.rep.nodeid = members.front();
        ring.seq = ++ring_seq_;
        participant.sync_init(transitional, members, ring);
        initialised_ = true;
    }
    // Ourselves, and the others in the mask.
    static std::vector<engine::NodeId> nodes(std::uint8_t mask) {
        std::vector<engine::NodeId> out{RecordingSender::kSelf};
        for (engine::NodeId id = 2; id < 6; ++id) {
            if ((mask >> id) & 1) out.push_back(id);
        }
        return out;
    }

    std::uint64_t ring_seq_ = 0;
    bool initialised_ = false;
};

}  // namespace totem::fuzz
