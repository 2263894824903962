#pragma once
// The replication engine of one group (pmxcfs-wire.md section 4): modes, syncs, queues, waiting for own results,
// leaving and coming back, verification. What is replicated is an Application's, how messages travel a Channel's.
//
// Sans-I/O and single-threaded: clocks come with every call. The owner passes the channel's events on and calls tick()
// when next_timer() says so.

#include <set>

#include "cfs/replica/channel/channel.hpp"
#include "cfs/replica/engine/application.hpp"
#include "cfs/replica/engine/message_queue.hpp"
#include "cfs/replica/engine/mode.hpp"

namespace cfs::replica {

struct EngineSettings {
    std::uint32_t protocol_version = 0;
    bool verifies = false;
    totem::Duration restart_after = std::chrono::seconds(6);  // between two starts of the service
    totem::Duration verify_every = std::chrono::hours(1);
};

class EngineObserver {
public:
    virtual ~EngineObserver() = default;
    virtual void report(Severity severity, std::string_view text) = 0;
    // The end of a message that submit() promised an end for. Not processed: given up, and nobody knows whether it will
    // be applied. Not called from inside submit().
    virtual void completed(std::uint64_t count, bool processed, int result) = 0;
};

class Engine final : public Group {
public:
    Engine(EngineSettings settings, Application& application, Channel& channel, EngineObserver& observer);

    // The service's life. start() may be called once; the engine restarts by itself.
    void start(Now now);
    void stop();
    void tick(Now now);
    totem::Instant next_timer() const;  // kNever if there is nothing to wait for

    // The channel's events.
    void connected(MemberId self);
    void configuration(Now now, std::span<const MemberId> members, std::span<const MemberId> left,
                       std::span<const MemberId> joined);
    void delivered(Now now, MemberId sender, Bytes message);
    void send_failed(Now now, Purpose purpose, std::uint64_t id);
    void lost(Now now);

    // A message to everybody, whose result completed() tells. nullopt: not connected, nothing was sent (EACCES).
    std::optional<std::uint64_t> submit(Now now, std::uint16_t subtype, Bytes payload);

    Mode mode() const { return mode_; }
    bool is_member() const { return joined_; }
    // Members that take part in the last sync and have all data.
    bool everybody_synced() const;
    std::vector<MemberId> members() const;

    // Group
    MemberId self() const override { return self_; }
    std::uint32_t lowest_node() const override { return lowest_node_; }
    void send(Now now, std::uint16_t subtype, Bytes payload) override;
    void send_update(Now now, std::uint64_t inode, Bytes payload) override;
    void send_update_complete(Now now) override;
    void report(Severity severity, std::string_view text) override { observer_.report(severity, text); }

private:
    struct Member {
        MemberId id;
        bool synced = false;
        std::optional<Buffer> state;
    };

    // engine.cpp: modes, membership, sending
    void set_mode(Now now, Mode mode);
    void leave(Now now);
    void fail(Now now, std::string_view text);
    void settle(Now now);
    void begin(Now now);
    void stopped(Now now);
    void abort_callers();
    void free_sync_data();
    void rebuild_members(std::span<const MemberId> members);
    Member* find(MemberId id);
    void resend_queue();
    void start_sync(Now now);
    void send_normal(Now now, std::uint16_t subtype, Bytes payload);
    void send_state(Now now, Purpose purpose, MessageType type, Bytes payload, std::uint64_t id = 0);
    Header header(Now now, MessageType type, std::uint16_t subtype = 0) const;

    // messages.cpp: 4.3
    bool wrong_version(Now now, const Header& header);
    void handle_normal(Now now, MemberId sender, Bytes message);
    void handle_state(Now now, MemberId sender, Bytes message);
    void state_in_start_sync(Now now, MemberId sender, const StateMessage& message, std::size_t size);
    void state_in_synced(Now now, MemberId sender, const StateMessage& message);
    void state_in_update(Now now, const StateMessage& message, std::size_t size);
    void sync_started(Now now, MemberId sender, const StateMessage& message);
    void state_arrived(Now now, MemberId sender, const StateMessage& message);
    void examine_states(Now now);
    void updates_complete(Now now);
    void unknown_state_message(Now now, const StateMessage& message, std::size_t size);

    // delivery.cpp: 4.5 and 4.8
    void queue(Now now, MemberId sender, std::uint64_t count, Bytes message);
    bool process(Now now, MemberId sender, Bytes message);
    void deliver_queue(Now now);
    void deliver_sync_queue(Now now);
    void publish(std::uint64_t count, int result);

    // verification.cpp: 4.7
    void verify(Now now);
    void verify_requested(Now now, MemberId sender, const StateMessage& message);
    void verify_arrived(Now now, const StateMessage& message);

    const EngineSettings settings_;
    Application& application_;
    Channel& channel_;
    EngineObserver& observer_;

    Mode mode_ = Mode::start;
    MemberId self_;
    bool connected_ = false;
    bool failure_reported_ = false;  // of a row of failures to connect
    bool joined_ = false;
    bool leaving_ = false;   // the channel was told
    bool running_ = false;   // between a start and its end
    bool stopping_ = false;  // for good
    totem::Instant last_start_;
    totem::Instant next_verify_ = totem::kNever;

    std::uint32_t epochs_ = 0;
    Epoch sync_epoch_;
    std::uint32_t lowest_node_ = 0;
    std::vector<Member> members_;  // by (nodeid, pid)
    bool members_known_ = false;

    std::uint64_t last_count_ = 0;
    std::set<std::uint64_t> waiting_;       // counts of own messages somebody waits for
    std::deque<Outgoing> held_;             // own messages that wait for the sync to end
    CountQueue queue_;                      // A
    std::deque<QueuedMessage> sync_queue_;  // B

    bool verify_is_late_ = false;  // waits for all members to be synced
    std::uint64_t checksum_counter_ = 0, checksum_id_ = 0;
    Epoch checksum_epoch_;
    Checksum checksum_{};
};

}  // namespace cfs::replica
