#pragma once
// A group of processes as the replicas see it: messages in one order for all members, and membership changes in the
// same order (what closed process groups give). Not thread safe: one thread calls a channel and gets its events.
//
// No call blocks and none reports from inside itself: what comes of it comes later through ChannelEvents.

#include <span>

#include "cfs/replica/messages/types.hpp"

namespace cfs::replica {

// What a message is for, so that a failure to send it can be told to who cares.
enum class Purpose : std::uint8_t {
    normal,
    resend,
    sync_start,
    state,
    update,
    update_complete,
    verify_request,
    verify
};

struct Outgoing {
    Purpose purpose = Purpose::normal;
    std::uint64_t id = 0;  // normal, resend: the message's count; update: the inode
    Buffer bytes;
};

class ChannelEvents {
public:
    virtual ~ChannelEvents() = default;
    // Connected as `self`, which holds until lost().
    virtual void connected(MemberId self) = 0;
    // The members now, in the group's order, and who left and joined since the last change.
    virtual void configuration(std::span<const MemberId> members, std::span<const MemberId> left,
                               std::span<const MemberId> joined) = 0;
    virtual void delivered(MemberId sender, Bytes message) = 0;
    virtual void send_failed(Purpose purpose, std::uint64_t id) = 0;
    // join() found no way in, or the connection broke; join() may be tried again.
    virtual void lost() = 0;
};

class Channel {
public:
    virtual ~Channel() = default;
    // Connects if need be and joins the group: connected(), then a configuration with us, or lost().
    virtual void join() = 0;
    // Ends in a configuration without us, or in lost(). What was not sent is dropped.
    virtual void leave() = 0;
    // Messages go out in the order of the calls.
    virtual void send(Outgoing message) = 0;
    // Drops what was not sent yet and belongs to a sync: a membership change has made it void.
    virtual void drop_sync_messages() = 0;
};

constexpr bool belongs_to_sync(Purpose purpose) {
    return purpose != Purpose::normal && purpose != Purpose::resend;
}

}  // namespace cfs::replica
