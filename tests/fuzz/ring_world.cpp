#include "tests/fuzz/ring_world.hpp"

#include <algorithm>

namespace totem::fuzz {

namespace {

constexpr std::size_t kRemembered = 16;
// Hops of a token to ourselves in one step of time: a singleton ring spins until it holds the token.
constexpr std::size_t kMaxHops = 40;

srp::RingConfig config_of(const WorldOptions& options) {
    srp::RingConfig config;
    config.dialect = options.dialect;
    config.order = options.order;
    config.self = node(options.dialect, options.self);
    config.queue_capacity = 64;
    srp::Settings settings;
    if (options.nervous) {
        settings.heartbeat_failures_allowed = 3;
        settings.fail_recv_const = 4;
        settings.send_join = 80;
    }
    config.parameters = srp::derive(settings, options.dialect, 3);
    if (options.nervous) config.parameters.fail_recv_floor = 0;
    return config;
}

}  // namespace

Identity node(Dialect dialect, NodeId id) {
    Identity out = Identity::v3(id);
    if (dialect == Dialect::v2) out.addr[0] = {id, NodeAddress::kIpv4, {10, 77, 0, static_cast<std::uint8_t>(id)}};
    return out;
}

World::World(const WorldOptions& options)
    : options_(options), codec_(options.dialect), ring_(config_of(options), pool_, *this, *this, *this) {
    ring_.start(now_, 0);
}

void World::receive(Bytes packet) {
    // A copy of exactly this size, so that a sanitizer sees a read past its end.
    const Buffer copy(packet.begin(), packet.end());
    ring_.on_datagram(now_, copy);
}

void World::advance(Duration time) {
    const Instant end = now_ + time;
    for (std::size_t hop = 0; hop < kMaxHops && !to_self_.empty(); ++hop) {
        const Buffer packet = std::move(to_self_.front());
        to_self_.pop_front();
        receive(packet);
    }
    std::size_t at_once = 0;
    while (ring_.next_timeout() <= end) {
        at_once = ring_.next_timeout() > now_ ? 0 : at_once + 1;
        FUZZ_CHECK(at_once < 100);  // timers that never stop being due
        now_ = std::max(now_, ring_.next_timeout());
        ring_.on_timeout(now_);
        if (to_self_.size() > kRemembered) to_self_.pop_front();
    }
    now_ = end;
}

void World::submit(std::size_t size, std::uint8_t fill) {
    const std::size_t room = ring_.room();
    FrameRef frame = ring_.frame_for_payload(size);
    const MutableBytes payload = frame.writable().subspan(ring_.payload_offset(), size);
    std::fill(payload.begin(), payload.end(), fill);
    const bool queued = ring_.submit(now_, std::move(frame));
    FUZZ_CHECK(queued || room == 0);
}

void World::check() {
    const auto members = ring_.members();
    FUZZ_CHECK(members.size() <= kMaxNodes);
    FUZZ_CHECK(std::is_sorted(members.begin(), members.end()));
    if (ring_.state() == srp::State::operational) {
        FUZZ_CHECK(std::find(members.begin(), members.end(), ring_.self()) != members.end());
    }
    (void)ring_.statistics(now_);
    (void)ring_.room();
}

std::optional<wire::Token> World::next_token() const {
    if (!last_token_) return std::nullopt;
    wire::Token token = *last_token_;
    const std::size_t members = std::max<std::size_t>(ring_.members().size(), 2);
    token.token_seq += static_cast<std::uint32_t>(members) - 1;
    return token;
}

std::optional<wire::CommitToken> World::next_commit_token() const {
    if (!last_commit_) return std::nullopt;
    wire::CommitToken commit = *last_commit_;
    for (std::size_t i = 0; i < commit.members.size(); ++i) {
        wire::CommitEntry& entry = commit.entries[i];
        if (!entry.unfilled() || commit.members[i] == ring_.self()) continue;
        // As a node that was in our ring, if it was, with everything received.
        entry = commit.entries[0];
        entry.received_flg = 1;
    }
    commit.token_seq += static_cast<std::uint32_t>(commit.members.size()) - 1;
    commit.memb_index = static_cast<std::int32_t>(commit.members.size());
    return commit;
}

void World::deliver(const srp::Message& message) {
    // In order, once, on each ring.
    if (message.ring == delivered_ring_) {
        FUZZ_CHECK(static_cast<std::int32_t>(message.seq - delivered_seq_) > 0);
    }
    delivered_ring_ = message.ring;
    delivered_seq_ = message.seq;
    touch(message.payload);
}

void World::configuration(const srp::Configuration& change) {
    FUZZ_CHECK(change.members.size() <= kMaxNodes && change.left.size() <= kMaxNodes);
    const auto contains = [](std::span<const Identity> nodes, const Identity& wanted) {
        return std::find(nodes.begin(), nodes.end(), wanted) != nodes.end();
    };
    if (change.kind == srp::Configuration::Kind::regular) {
        FUZZ_CHECK(contains(change.members, ring_.self()));
        for (const Identity& joined : change.joined)
            FUZZ_CHECK(contains(change.members, joined));
        operational_ring_ = change.ring;
    }
    for (const Identity& left : change.left)
        FUZZ_CHECK(!contains(change.members, left));
}

bool World::store_ring_seq(std::uint64_t seq) {
    FUZZ_CHECK(seq > stored_seq_ || stored_seq_ == 0);
    stored_seq_ = seq;
    return ++stores_ != 2 || !options_.disk_breaks;
}

void World::remember(const FrameRef& frame, bool unicast, const Identity& target) {
    const Bytes bytes = frame.bytes();
    FUZZ_CHECK(!bytes.empty());
    wire::Header header;
    FUZZ_CHECK(codec_.decode(bytes, header) == wire::Drop::none);
    FUZZ_CHECK(header.order == options_.order || header.type == wire::PacketType::mcast);
    wire::Token token;
    wire::CommitToken commit;
    if (codec_.decode(bytes, token) == wire::Drop::none) last_token_ = token;
    if (codec_.decode(bytes, commit) == wire::Drop::none) last_commit_ = commit;
    sent_.push_back({Buffer(bytes.begin(), bytes.end()), unicast, target});
    if (sent_.size() > kRemembered) sent_.pop_front();
    if (unicast && target == ring_.self()) to_self_.emplace_back(bytes.begin(), bytes.end());
}

}  // namespace totem::fuzz
