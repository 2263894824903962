// The input is a sequence of packets from several senders, configurations and own messages for process
// groups. An odd first byte keeps everything honest: then what we send must come back as it was.

#include <array>
#include <deque>
#include <string>
#include <vector>

#include "tests/fuzz/input.hpp"
#include "tests/fuzz/port.hpp"
#include "totem/pg/groups_header.hpp"
#include "totem/pg/process_groups.hpp"

using namespace totem;
using fuzz::Input;

namespace {

constexpr std::size_t kMaxEvents = 2000;
constexpr NodeId kSelf = 1;
using Buffer = std::vector<std::uint8_t>;

class Receiver final : public pg::GroupReceiver {
public:
    void on_message(NodeId sender, ByteOrder, Bytes payload) override {
        FUZZ_CHECK(payload.size() <= kMaxMessage);
        fuzz::touch(payload);
        if (!honest || sender != kSelf) return;
        FUZZ_CHECK(!expected.empty());
        FUZZ_CHECK(Buffer(payload.begin(), payload.end()) == expected.front());
        expected.pop_front();
    }
    bool honest = false;
    std::deque<Buffer> expected;
};

class Listener final : public pg::Listener {
public:
    void configuration(const srp::Configuration&) override {}
    void token_sent() override {}
};

class Session {
public:
    explicit Session(Input& input)
        : in_(input),
          honest_(in_.flag()),
          config_{in_.flag() ? Dialect::v2 : Dialect::v3, in_.order(), packet_size()},
          groups_(config_, listener_) {
        receiver_.honest = honest_;
        groups_.attach(port_);
        groups_.join("a", receiver_);
        groups_.join("sync", receiver_);
    }

    void run() {
        for (std::size_t i = 0; i < kMaxEvents && !in_.done(); ++i)
            event();
        if (!honest_) return;
        // Everything on its way arrives in the end.
        groups_.token_received();
        while (!port_.empty())
            come_back(port_.take());
        FUZZ_CHECK(receiver_.expected.empty());
    }

private:
    std::size_t packet_size() {
        constexpr std::array<std::size_t, 4> kSizes{1410, 1270, 64, 300};
        return kSizes[in_.below(4)];
    }

    void event() {
        switch (in_.below(11)) {
            case 0:
                return send();
            case 1:
                if (!port_.empty()) come_back(port_.take());
                return;
            case 2:
                return groups_.token_received();
            case 3:
                return groups_.token_sent();
            case 4:
                return reserve();
            case 5:
                (void)groups_.queue_level();
                (void)groups_.statistics();
                return groups_.request_token();
            default:
                break;
        }
        if (honest_) return;
        switch (in_.below(6)) {
            case 0:
                return raw();
            case 1:
            case 2:
                return built();
            case 3:
                return configuration();
            case 4:
                return groups_.synchronized();
            default:
                if (!port_.empty()) bent(port_.take());
        }
    }

    void send() {
        const bool sync = in_.below(8) == 0;
        const std::size_t size = in_.u16() % 20000;
        Buffer message(size);
        for (std::size_t i = 0; i < size; ++i)
            message[i] = static_cast<std::uint8_t>(i * 131 + sent_);
        ++sent_;
        const std::size_t cut = size == 0 ? 0 : in_.u16() % size;
        const std::array<Bytes, 2> chunks{Bytes(message).first(cut), Bytes(message).subspan(cut)};
        if (groups_.send(sync ? "sync" : "a", chunks)) receiver_.expected.push_back(std::move(message));
        if (!honest_) receiver_.expected.clear();
    }

    void reserve() {
        const std::size_t size = in_.u16();
        (void)groups_.can_send(size);
        const std::size_t reserved = groups_.reserve(size);
        if (reserved != 0) groups_.release(reserved);
    }

    void deliver(NodeId from, ByteOrder order, Bytes packet) {
        groups_.deliver({.originator = from, .order = order, .seq = ++seq_, .ring = ring_, .payload = packet});
    }
    void come_back(const Buffer& packet) {
        FUZZ_CHECK(packet.size() <= config_.packet_size);
        deliver(kSelf, config_.order, packet);
    }
    NodeId sender() { return 1 + in_.below(4); }

    void raw() {
        const NodeId from = sender();
        const ByteOrder order = in_.order();
        deliver(from, order, in_.bytes());
    }

    void bent(Buffer packet) {
        const std::size_t at = in_.u16() % packet.size();
        packet[at] = in_.u8();
        if (in_.flag()) packet.resize(in_.u16() % (packet.size() + 1));
        deliver(sender(), config_.order, packet);
    }

    // A packet whose lengths add up: pieces with or without a groups header, continued and fragmented
    // as the input likes.
    void built() {
        const NodeId from = sender();
        const ByteOrder order = in_.order();
        const std::uint8_t fragmented = in_.u8(), continuation = in_.u8();
        const std::uint32_t count = in_.below(5);
        std::vector<Buffer> pieces;
        for (std::uint32_t i = 0; i < count; ++i)
            pieces.push_back(piece(order));
        Buffer packet(8 + 2 * pieces.size());
        Writer out(packet, order);
        out.u32(0);  // as upstream's header: version and type
        out.u8(fragmented);
        out.u8(continuation);
        out.u16(static_cast<std::uint16_t>(pieces.size()));
        for (const Buffer& part : pieces)
            out.u16(static_cast<std::uint16_t>(part.size()));
        for (const Buffer& part : pieces)
            packet.insert(packet.end(), part.begin(), part.end());
        deliver(from, order, packet);
    }
    Buffer piece(ByteOrder order) {
        Buffer out(in_.flag() ? 64 : 0);
        out.resize(pg::encode_groups_header(in_.flag() ? "a" : "sync", order, out));
        const Bytes body = in_.bytes();
        out.insert(out.end(), body.begin(), body.end());
        return out;
    }

    void configuration() {
        std::vector<Identity> members;
        const std::uint8_t mask = in_.u8();
        for (NodeId id = 1; id < 6; ++id) {
            if (id == kSelf || ((mask >> id) & 1)) members.push_back(Identity::v3(id));
        }
        using Kind = srp::Configuration::Kind;
        const Kind kind = in_.flag() ? Kind::transitional : Kind::regular;
        ring_.rep.nodeid = kSelf;
        ring_.seq += 4;
        groups_.configuration({.kind = kind, .ring = ring_, .members = members, .left = {}, .joined = {}});
    }

    Input& in_;
    const bool honest_;
    const pg::PgConfig config_;
    fuzz::Port port_;
    Receiver receiver_;
    Listener listener_;
    pg::ProcessGroups groups_;
    RingId ring_;
    std::uint32_t seq_ = 0;
    std::size_t sent_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    Session(input).run();
    return 0;
}
