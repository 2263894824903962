#pragma once
// Service synchronisation after a membership change: every member runs the same ordered list of
// services, each with a barrier. Spec totempg-sync-services.md section 9. Sans-I/O.

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "totem/base/time.hpp"
#include "totem/pg/process_groups.hpp"
#include "totem/wire/types.hpp"

namespace totem::sync {

inline constexpr std::size_t kMaxServices = 64;  // ids 0..63
inline constexpr std::string_view kGroup = "sync";

// One service's part. Spans are valid during the call only.
class Participant {
public:
    virtual ~Participant() = default;
    virtual std::uint32_t service_id() const = 0;  // below kMaxServices
    virtual std::string_view service_name() const = 0;
    // `transitional`: members that came with us from the previous ring.
    virtual void sync_init(std::span<const NodeId> transitional, std::span<const NodeId> members,
                           const RingId& ring) = 0;
    // Multicasts this node's state; false = not all could be sent, call again at the next token.
    virtual bool sync_process(Instant now) = 0;
    virtual void sync_activate(Instant now) = 0;
    virtual void sync_abort() = 0;
    // A change began, with its transitional configuration: what is sent until sync_finished() overtakes
    // what still waits from before (section 8.3).
    virtual void sync_announced() {}
    // All services are done.
    virtual void sync_finished(Instant /*now*/) {}
};

// Progress, for logs and for the owner of "sync in progress".
class Progress {
public:
    virtual ~Progress() = default;
    virtual void sync_started(const RingId&) {}
    virtual void sync_process_entered() {}  // every member's service list arrived
    virtual void sync_service_committed(std::string_view /*name*/) {}
    virtual void sync_aborted() {}
    virtual void sync_completed(const RingId&) = 0;
};

class Synchronizer final : public pg::GroupReceiver {
public:
    // Both references must outlive this object; it joins group "sync" of `groups`.
    Synchronizer(Dialect dialect, ByteOrder order, pg::ProcessGroups& groups, Progress& progress);
    ~Synchronizer() override;

    // Registers a participant before the first configuration; it must outlive this object.
    void add(Participant& participant);

    // A configuration is about to be told to the layers above: synchronisation is in progress from
    // now on (section 8.2 step 1).
    void announce();
    // The same configuration, after everybody else heard of it (steps 5 and 6).
    void configuration(Instant now, const srp::Configuration& change);
    void token_sent(Instant now);

    bool in_progress() const;  // also before the first sync completed

    void set_now(Instant now);  // time of the entry point being handled; used while messages arrive
    void on_message(NodeId sender, ByteOrder order, Bytes payload) override;

    std::uint64_t dropped() const;  // messages of another ring, of strangers, or malformed

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace totem::sync
