#pragma once
// What the engine replicates, and what that may ask of the engine. Applications are values on the engine's thread and
// are called by it only; they never call back into a Channel.

#include <span>

#include "cfs/replica/messages/header.hpp"

namespace cfs::replica {

struct Delivery {
    MemberId sender;
    std::uint32_t time = 0;  // the sender's clock, seconds
    std::uint16_t subtype = 0;
    Bytes payload;
    bool own = false;
};

// What a delivery means for the membership; the result is for the caller who waits for it, if the message is our own.
enum class Verdict : std::uint8_t { fine, leave, broken };
struct Delivered {
    Verdict verdict = Verdict::fine;
    int result = 0;
};

// A member's state as it sent it in this sync. examine() says which members have nothing to learn.
struct MemberState {
    MemberId id;
    Bytes state;
    bool synced = false;
};

class Sender {
public:
    virtual ~Sender() = default;
    // To everybody, without waiting for the result.
    virtual void send(Now now, std::uint16_t subtype, Bytes payload) = 0;
};

// The engine as its application sees it.
class Group : public Sender {
public:
    virtual MemberId self() const = 0;
    virtual std::uint32_t lowest_node() const = 0;
    // Only while examining states: an inode for members that lack it, and that there are no more.
    virtual void send_update(Now now, std::uint64_t inode, Bytes payload) = 0;
    virtual void send_update_complete(Now now) = 0;
    virtual void report(Severity severity, std::string_view text) = 0;
};

class Application {
public:
    virtual ~Application() = default;
    virtual Delivered deliver(Group& group, Now now, const Delivery& delivery) = 0;
    // The payload of our STATE message; nullopt if there is none to be had.
    virtual std::optional<Buffer> state(Group& group, Now now) = 0;
    // All states are there, in ascending order of members. Marks the synced ones; the leader sends its updates. False:
    // leave.
    virtual bool examine(Group& group, Now now, std::span<MemberState> states) = 0;
    // An UPDATE, and the end of them, for a member that is not synced. False: leave.
    virtual bool update(Group& group, Now now, Bytes payload) = 0;
    virtual bool commit(Group& group, Now now) = 0;
    // The sync is over, or void: what was kept for it can go.
    virtual void forget_sync() = 0;
    virtual void synced(Group& group, Now now) = 0;
    virtual void members_changed(Group& group, Now now, std::span<const MemberId> members) = 0;
    // Over all data, to compare with the other members.
    virtual Checksum checksum() const = 0;
};

}  // namespace cfs::replica
