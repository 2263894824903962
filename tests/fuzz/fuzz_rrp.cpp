// The input is a mode, parameters and a sequence of events for the redundancy machine of node 2: tokens, messages, ring
// tests and arbitrary bytes on either network, time that passes, sends, members, an operator. Whatever happens, each
// send leaves through a network, a token is passed up before its wait is over, and what is faulty is tested and says
// so.

#include <array>
#include <optional>
#include <vector>

#include "tests/fuzz/input.hpp"
#include "totem/rrp/redundancy.hpp"
#include "totem/srp/parameters.hpp"
#include "totem/srp/seq.hpp"

using namespace totem;
using fuzz::Input;
using wire::PacketType;

namespace {

constexpr std::size_t kMaxEvents = 5000;
constexpr NodeId kSelf = 2;
using Buffer = std::vector<std::uint8_t>;

Identity node(NodeId id) {
    const auto last = static_cast<std::uint8_t>(id);
    return {id, {{{id, NodeAddress::kIpv4, {10, 77, 0, last}}, {id, NodeAddress::kIpv4, {10, 78, 0, last}}}}};
}

struct TokenKey {
    RingId ring;
    std::uint32_t seq = 0;
    bool operator==(const TokenKey&) const = default;
    bool newer_than(const TokenKey& other) const {
        return ring != other.ring ? ring.seq > other.ring.seq : srp::precedes(other.seq, seq);
    }
};

class Session final : private rrp::Networks, private rrp::Upper, private rrp::Observer {
public:
    explicit Session(Input& in) : in_(in), config_(read_config()), rrp_(config_, pool_, *this, *this, *this) {}

    void run() {
        for (std::size_t i = 0; i < kMaxEvents && !in_.done(); ++i) {
            event();
            check();
        }
    }

private:
    rrp::Config read_config() {
        rrp::Config out;
        out.dialect = in_.below(16) == 0 ? Dialect::v3 : Dialect::v2;
        out.order = in_.order();
        out.mode = static_cast<rrp::Mode>(in_.below(3));
        out.networks = out.mode == rrp::Mode::none ? 1 : 1 + in_.below(rrp::kMaxNetworks);
        out.self = kSelf;
        out.parameters = read_parameters();
        return out;
    }
    // 0 never stands for itself.
    rrp::Parameters read_parameters() {
        return {.problem_count_timeout = 1u + in_.u16(),
                .problem_count_threshold = 1u + in_.below(20),
                .problem_count_mcast_threshold = 1u + in_.below(20),
                .token_expired_timeout = 1u + in_.u8(),
                .autorecovery_check_timeout = 1u + in_.u16()};
    }

    void event() {
        switch (in_.below(12)) {
            case 0:
                return send_token();
            case 1:
                return send_multicast();
            case 2:
                return wait(srp::ms(1) * in_.u8());
            case 3:
                return wait(srp::ms(1) * in_.u16());
            case 4:
                return rrp_.reenable();
            case 5:
                return set_members();
            case 6:
                config_.parameters = read_parameters();
                return rrp_.set_parameters(config_.parameters);
            default:
                return receive();
        }
    }

    void send_token() {
        sent_ = 0;
        rrp_.unicast(pool_.allocate(46), node(1 + in_.below(3)));
        FUZZ_CHECK(sent_ >= 1 && sent_ <= config_.networks);
    }
    void send_multicast() {
        sent_ = 0;
        rrp_.multicast(pool_.allocate(46), in_.flag() ? Fanout::all : Fanout::members);
        FUZZ_CHECK(sent_ >= 1 && sent_ <= config_.networks);
    }
    void wait(Duration duration) {
        const Instant end = now_ + duration;
        while (rrp_.next_timeout() <= end && timeouts_ < kMaxTimeouts) {
            ++timeouts_;
            now_ = std::max(now_, rrp_.next_timeout());
            rrp_.on_timeout(now_);
            FUZZ_CHECK(rrp_.next_timeout() > now_);
            check();
        }
        if (rrp_.next_timeout() > end) now_ = end;
    }
    void set_members() {
        const std::uint8_t mask = in_.u8();
        std::vector<Identity> members;
        for (NodeId id = 1; id <= 8; ++id) {
            if ((mask >> (id - 1) & 1) != 0) members.push_back(node(id));
        }
        rrp_.set_members(members);
    }

    void receive() {
        const unsigned network = in_.below(config_.networks);
        receive(network, packet());
    }
    void receive(unsigned network, const Buffer& bytes) {
        const std::size_t before = passed_up_;
        const bool drains = config_.networks > 1 && config_.dialect == Dialect::v2;
        if (drains) {
            arriving_ = &bytes;
        } else {
            note_received(bytes);
        }
        rrp_.receive(now_, network, bytes);
        arriving_ = nullptr;
        const bool waits = waiting_ && token_key(bytes) == newest_;
        const bool ring_test = !bytes.empty() && bytes[0] >= 6 && config_.dialect == Dialect::v2;
        FUZZ_CHECK(waits || ring_test || passed_up_ > before);
    }
    void note_received(Bytes bytes) {
        const std::optional<TokenKey> key = token_key(bytes);
        if (!key || (newest_ && !key->newer_than(*newest_) && !lives(*key))) return;
        newest_ = key;
        deadline_ = now_ + srp::ms(config_.parameters.token_expired_timeout);
        waiting_ = true;
    }

    // A ring that looks older but moves on is ours.
    bool lives(const TokenKey& key) {
        if (key.ring == newest_->ring) return false;
        const bool moves = key.ring == stray_.ring && srp::precedes(stray_.seq, key.seq);
        stray_ = key;
        return moves;
    }

    // The newest token was passed up, or its time is not over.
    void check() {
        FUZZ_CHECK(!waiting_ || (config_.mode == rrp::Mode::active && deadline_ >= now_));
        for (unsigned i = 0; i < config_.networks; ++i) {
            FUZZ_CHECK(rrp_.faulty(i) == rrp_.status(i).faulty());
            FUZZ_CHECK(!rrp_.faulty(i) || rrp_.next_timeout() <= now_ + srp::ms(66'000));
            FUZZ_CHECK(!rrp_.faulty(i) || config_.networks > 1);
        }
    }

    std::optional<TokenKey> token_key(Bytes bytes) const {
        wire::Token token;
        if (wire::Codec(config_.dialect).decode(bytes, token) != wire::Drop::none) return {};
        return TokenKey{token.ring, token.token_seq};
    }

    Buffer packet() {
        const wire::Codec codec(config_.dialect);
        Buffer out(256);
        std::size_t size = 0;
        switch (in_.below(6)) {
            case 0: {
                const Bytes raw = in_.bytes();
                return {raw.begin(), raw.end()};
            }
            case 1: {
                wire::RingTest test;
                test.header.type = in_.flag() ? PacketType::ring_test_active : PacketType::ring_test_activate;
                test.header.order = in_.order();
                test.ring_number = static_cast<std::int32_t>(in_.step());
                test.activator = in_.below(5);
                size = codec.encode(test, out);
                break;
            }
            case 2: {
                wire::HoldCancel cancel;
                cancel.header.order = in_.order();
                size = codec.encode(cancel, out);
                break;
            }
            default: {
                wire::Token token;
                token.header.order = in_.order();
                token.token_seq = seq_ += in_.step();
                token.ring.rep = node(1).addr[0];
                if (in_.below(32) == 0) ring_ += in_.step();
                token.ring.seq = ring_;
                size = codec.encode(token, out);
            }
        }
        out.resize(size);
        if (in_.below(16) == 0) out.resize(in_.below(64));
        if (in_.below(16) == 0 && !out.empty()) out[in_.u8() % out.size()] = in_.u8();
        return out;
    }

    // rrp::Networks
    void multicast(unsigned network, const FrameRef& frame, Fanout) override { note_sent(network, frame); }
    void unicast(unsigned network, const FrameRef& frame, const Identity&) override { note_sent(network, frame); }
    void flush() override {}
    bool discard_pending_input() override { return false; }
    void drain_others(unsigned network) override {
        FUZZ_CHECK(network < config_.networks && config_.networks > 1);
        for (unsigned n = in_.below(3); n > 0; --n) {
            const Buffer bytes = packet();
            note_received(bytes);
            rrp_.receive(now_, 1 - network, bytes);
        }
        if (arriving_ != nullptr) note_received(*arriving_);
    }
    void note_sent(unsigned network, const FrameRef& frame) {
        FUZZ_CHECK(network < config_.networks);
        fuzz::touch(frame.bytes());
        ++sent_;
    }
    // rrp::Upper
    void packet(Bytes bytes) override {
        fuzz::touch(bytes);
        ++passed_up_;
        if (waiting_ && token_key(bytes) == newest_) waiting_ = false;
        if (in_.below(8) == 0) send_token();
    }

    // rrp::Observer
    void network_status(unsigned network, const rrp::Status& status) override {
        FUZZ_CHECK(status == rrp_.status(network));
        const std::string text = describe(status, network, "10.77.0.2");
        FUZZ_CHECK(status.faulty() == (text.find("FAULTY") != std::string::npos));
    }
    void ring_test_activated(unsigned network, const wire::RingTest&, bool) override {
        FUZZ_CHECK(!rrp_.faulty(network));
    }

    static constexpr std::size_t kMaxTimeouts = 50'000;

    Input& in_;
    rrp::Config config_;
    FramePool pool_;
    Instant now_{std::chrono::seconds(1000)};
    std::uint32_t seq_ = 0;
    std::uint64_t ring_ = 4;
    std::size_t sent_ = 0, passed_up_ = 0, timeouts_ = 0;
    const Buffer* arriving_ = nullptr;  // behind what is drained now
    std::optional<TokenKey> newest_;
    TokenKey stray_;
    Instant deadline_{};
    bool waiting_ = false;
    rrp::Redundancy rrp_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    Session(input).run();
    return 0;
}
