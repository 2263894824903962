#pragma once
// Gathers evidence between changes and closes one record per change. Sans-I/O: time, counters of the transport and the
// place for records come through Surroundings. One thread, that of the ring; in steady state it is not called but for
// tokens that ask for retransmissions, and allocates nothing then.
//
// A membership record is open from the moment the ring gathers until the services are synchronised, so that the verdict
// about quorum is part of it. A change of votes outside of that is closed kSettle after it began: one action of an
// administrator makes several nodes announce new numbers one after the other.

#include <optional>
#include <utility>
#include <vector>

#include "engine/why/causes.hpp"
#include "engine/why/evidence.hpp"
#include "totem/srp/interfaces.hpp"

namespace engine::why {

class Surroundings {
public:
    struct Stamp {
        totem::Instant now;
        std::int64_t wall;  // milliseconds since 1970
    };
    struct Link {
        std::uint64_t refused = 0, unsent = 0;  // datagrams since start
    };
    virtual ~Surroundings() = default;
    virtual Stamp stamp() = 0;
    virtual Link link() = 0;
    // `record` lacks its sequence number.
    virtual void closed(Record record) = 0;
};

class Recorder final : public totem::srp::Observer {
public:
    static constexpr totem::Duration kSettle = std::chrono::milliseconds(200);
    // How long before a change evidence may lie to have to do with it.
    static constexpr std::int64_t kReach = 60'000;  // milliseconds

    Recorder(totem::Dialect dialect, const totem::Identity& self, Surroundings& surroundings);

    // --- what the ring tells
    void gather_entered(totem::srp::GatherReason reason) override;
    void process_suspected(const totem::Identity& member) override;
    void token_trail(const totem::srp::TokenTrail& trail) override;
    void token_lost(totem::srp::State state, totem::Duration elapsed) override;
    void token_warning(totem::Duration elapsed) override;
    void configuration_delivered(const totem::srp::Configuration& change) override;
    void membership_formed(const totem::RingId& ring, std::span<const totem::Identity> members,
                           std::span<const totem::Identity> joined, std::span<const totem::Identity> left,
                           std::span<const totem::Identity> left_without_leave_message) override;
    void leave_received(const totem::Identity& leaver) override;
    void join_received(const totem::Identity& sender, std::span<const totem::Identity> proc,
                       std::span<const totem::Identity> failed) override;
    void foreign_heard(const totem::Identity& sender, const totem::RingId& ring) override;
    void retransmit_list(std::span<const totem::wire::RtrItem> items) override;
    void failed_to_receive() override;
    void pause_detected(totem::Duration pause) override;
    void forced_gather() override;
    void datagram_dropped(totem::wire::Drop reason, totem::Bytes datagram) override;
    void recovery_member(std::size_t position, const totem::Identity& member,
                         const totem::wire::CommitEntry& entry) override;

    // --- what the daemon tells
    // The services are synchronised on the ring.
    void synchronized();
    // The process did not run for so long, up to now.
    void not_scheduled(totem::Duration missed);
    // The numbers of votequorum, whenever they may have changed.
    void votes(const Votes& votes);
    // What somebody did; `at` is filled in here.
    void note(Evidence evidence);
    // The same for what votequorum's messages say; while the ring forms all of them speak, and that is no news.
    void note_vote(Evidence evidence);
    // This node ends in order. The last call.
    void stopping();

    totem::Instant next_timeout() const;
    void on_timeout();

private:
    enum class Phase : std::uint8_t { steady, gathering, synchronizing };

    void begin_gathering();
    void lost_for(totem::Duration elapsed);
    void note_trail(const totem::srp::TokenTrail& trail, const Surroundings::Stamp& stamp);
    NodeId predecessor() const;
    void interrupt();
    void close_votes();
    void close_other(Kind kind);
    void note_restarts(const NodeIds& joined);
    void note_lost(const Record& record);
    void seal(Record& record);
    void close(Record record);
    Findings findings(const Record& record) const;
    std::uint64_t longest_pause() const;

    const totem::Dialect dialect_;
    const NodeId self_;
    Surroundings& surroundings_;

    Phase phase_ = Phase::steady;
    bool first_ = true;
    NodeIds ring_order_;  // of the last ring
    std::string ring_;
    Record forming_;  // while synchronizing
    Surroundings::Stamp outage_began_{};
    std::int64_t silence_began_ = 0;  // wall time of the last token before it, or of the begin itself

    EvidenceLog log_;
    Findings facts_;  // the parts that come from the ring
    std::optional<Votes> settled_, votes_;
    totem::Instant settle_at_ = totem::kNever;
    Counters counters_;
    Surroundings::Link link_before_{};
    // Nodes lost silently and not back, each with the number of the last ring it was in with us.
    std::vector<std::pair<NodeId, std::uint64_t>> lost_;
    std::vector<std::pair<NodeId, std::uint64_t>> previous_;  // numbers of the rings that members come from
    std::uint64_t ring_seq_ = 0, old_ring_seq_ = 0;
};

}  // namespace engine::why
