#pragma once
// A ring port that keeps what is submitted, and what process-group tests say about packets.

#include <deque>
#include <string>
#include <vector>

#include "totem/pg/process_groups.hpp"

namespace totem::test {

class RecordingPort final : public pg::RingPort {
public:
    explicit RecordingPort(std::size_t capacity = 2974) : capacity_(capacity) {}

    FrameRef frame_for_payload(std::size_t payload_size) override { return pool.allocate(kOffset + payload_size); }
    std::size_t payload_offset() const override { return kOffset; }
    bool submit(FrameRef frame) override {
        if (frames.size() + 1 >= capacity_) return false;
        frames.push_back(std::move(frame));
        return true;
    }
    std::size_t room() const override { return frames.size() + 2 >= capacity_ ? 0 : capacity_ - frames.size() - 2; }
    std::size_t capacity() const override { return capacity_; }
    void request_token() override { ++token_requests; }

    Bytes packet(std::size_t i) const { return frames.at(i).bytes().subspan(kOffset); }
    std::vector<std::uint8_t> take() {
        const Bytes bytes = packet(0);
        std::vector<std::uint8_t> out(bytes.begin(), bytes.end());
        frames.pop_front();
        return out;
    }

    static constexpr std::size_t kOffset = 45;
    FramePool pool;
    std::deque<FrameRef> frames;
    std::size_t token_requests = 0;

private:
    const std::size_t capacity_;
};

struct Received {
    NodeId sender = 0;
    ByteOrder order = kNativeOrder;
    std::vector<std::uint8_t> payload;
    bool operator==(const Received&) const = default;
};

class Inbox final : public pg::GroupReceiver {
public:
    void on_message(NodeId sender, ByteOrder order, Bytes payload) override {
        messages.push_back({sender, order, {payload.begin(), payload.end()}});
    }
    std::vector<Received> messages;
};

class NoListener final : public pg::Listener {
public:
    void configuration(const srp::Configuration&) override { ++configurations; }
    void token_sent() override {}
    void packet_dropped(NodeId, pg::PacketError error, std::size_t expected, std::size_t size) override {
        errors.push_back(error);
        last_expected = expected;
        last_size = size;
    }
    int configurations = 0;
    std::vector<pg::PacketError> errors;
    std::size_t last_expected = 0, last_size = 0;
};

// Process groups on a recording port, member of group "a".
struct Endpoint {
    explicit Endpoint(pg::PgConfig config = {}, std::size_t capacity = 2974)
        : port(capacity), groups(config, listener) {
        groups.attach(port);
        groups.join("a", inbox);
    }
    bool send(Bytes payload) { return groups.send("a", {&payload, 1}); }
    void deliver(NodeId sender, Bytes packet, ByteOrder order = kNativeOrder) {
        srp::Message message;
        message.originator = sender;
        message.order = order;
        message.payload = packet;
        groups.deliver(message);
    }
    void configuration(srp::Configuration::Kind kind, std::vector<Identity> members, std::vector<Identity> left = {}) {
        groups.configuration({kind, RingId{}, members, left, {}});
    }

    RecordingPort port;
    NoListener listener;
    Inbox inbox;
    pg::ProcessGroups groups;
};

// Size of the groups header for "a".
inline constexpr std::size_t kHeaderA = 5;

inline std::vector<std::uint8_t> pattern(std::size_t size, unsigned seed = 0) {
    std::vector<std::uint8_t> out(size);
    for (std::size_t i = 0; i < size; ++i)
        out[i] = static_cast<std::uint8_t>((i * 131 + 7 + seed * 57) & 0xff);
    return out;
}

// A packet as it goes over the wire, pieces given with their groups headers.
inline std::vector<std::uint8_t> make_packet(std::uint8_t fragmented, std::uint8_t continuation,
                                             const std::vector<std::vector<std::uint8_t>>& pieces,
                                             ByteOrder order = kNativeOrder) {
    std::size_t size = 8 + 2 * pieces.size();
    for (const auto& piece : pieces)
        size += piece.size();
    std::vector<std::uint8_t> out(size);
    Writer writer(out, order);
    writer.u32(0);
    writer.u8(fragmented);
    writer.u8(continuation);
    writer.u16(static_cast<std::uint16_t>(pieces.size()));
    for (const auto& piece : pieces)
        writer.u16(static_cast<std::uint16_t>(piece.size()));
    for (const auto& piece : pieces)
        writer.bytes(piece);
    return out;
}

inline std::vector<std::uint8_t> for_a(const std::vector<std::uint8_t>& payload) {
    std::vector<std::uint8_t> out{1, 0, 1, 0, 'a'};
    out.insert(out.end(), payload.begin(), payload.end());
    return out;
}

// "1/0 [1400]": fragmented, continuation, piece lengths.
inline std::string describe(Bytes bytes, ByteOrder order = kNativeOrder) {
    pg::Packet packet;
    if (pg::decode(bytes, order, packet) != pg::PacketError::none) return "malformed";
    std::string out = std::to_string(packet.fragmented) + "/" + std::to_string(packet.continuation) + " [";
    for (std::size_t i = 0; i < packet.count; ++i)
        out += (i ? "," : "") + std::to_string(packet.length(i));
    return out + "]";
}

}  // namespace totem::test
