#pragma once
// What surrounds the ring in fuzz_ring: a clock, what the ring sent, promises its callers rely on, and
// peers that can answer for the other nodes of 1 to 4.

#include <deque>
#include <optional>
#include <vector>

#include "tests/fuzz/input.hpp"
#include "totem/srp/ring.hpp"

namespace totem::fuzz {

using Buffer = std::vector<std::uint8_t>;

struct WorldOptions {
    Dialect dialect = Dialect::v3;
    ByteOrder order = kNativeOrder;
    NodeId self = 1;
    bool nervous = false;      // heartbeats, and FAILED TO RECEIVE after a few token visits
    bool disk_breaks = false;  // the second ring seq can't be stored
};

// A node of the fuzzed cluster, 10.77.0.ID.
Identity node(Dialect dialect, NodeId id);

class World final : private srp::Upper, private srp::Effects, private srp::Observer {
public:
    static constexpr NodeId kLast = 4;

    explicit World(const WorldOptions& options);

    srp::Ring& ring() { return ring_; }
    const wire::Codec& codec() const { return codec_; }
    ByteOrder order() const { return options_.order; }
    NodeId self() const { return options_.self; }
    Instant now() const { return now_; }

    void receive(Bytes packet);
    // Lets time pass; packets to ourselves arrive, timers run.
    void advance(Duration time);
    // Time passes while the process is stopped.
    void pause(Duration time) { now_ += time; }
    void submit(std::size_t size, std::uint8_t fill);
    // Checks what must hold between any two events.
    void check();

    // The last packets the ring sent, newest last.
    struct Sent {
        Buffer packet;
        bool unicast = false;
        Identity target;
    };
    const std::deque<Sent>& sent() const { return sent_; }
    // The other members pass on the last token or commit token as they should: they fill their commit
    // entries, and leave the regular token as it is but for token_seq. nullopt if there is none.
    std::optional<wire::Token> next_token() const;
    std::optional<wire::CommitToken> next_commit_token() const;
    const std::optional<wire::Token>& last_token() const { return last_token_; }
    const RingId& last_operational() const { return operational_ring_; }

private:
    // srp::Upper
    void deliver(const srp::Message& message) override;
    void configuration(const srp::Configuration& change) override;
    void token_received() override {}
    void token_sent() override {}
    // srp::Effects
    void multicast(const FrameRef& frame, Fanout) override { remember(frame, false, {}); }
    void unicast(const FrameRef& frame, const Identity& target) override { remember(frame, true, target); }
    void flush() override {}
    bool store_ring_seq(std::uint64_t seq) override;
    bool discard_pending_input() override { return sent_.size() % 2 == 1; }
    std::uint32_t random_up_to(std::uint32_t bound) override { return bound / 2; }

    void remember(const FrameRef& frame, bool unicast, const Identity& target);

    WorldOptions options_;
    wire::Codec codec_;
    FramePool pool_;
    Instant now_{std::chrono::hours(1)};
    std::deque<Sent> sent_;
    std::deque<Buffer> to_self_;
    std::optional<wire::Token> last_token_;
    std::optional<wire::CommitToken> last_commit_;
    RingId delivered_ring_, operational_ring_;
    std::uint32_t delivered_seq_ = 0;
    std::uint64_t stored_seq_ = 0;
    std::size_t stores_ = 0;
    srp::Ring ring_;
};

}  // namespace totem::fuzz
