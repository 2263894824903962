#pragma once
// A group inside one process, for tests and the simulator: agreed order, membership changes at the same place of the
// order for all who go through them together, partitions. Nothing happens by itself: whoever drives it says when a
// process's next message gets its place in the order and when a process takes its next event.
//
// A message that has its place reaches all members of that time, before any later membership change; also those that a
// partition parts from its sender.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <variant>

#include "cfs/replica/channel/channel.hpp"

namespace cfs::replica {

class MemoryGroup;

class MemoryChannel final : public Channel {
public:
    MemoryChannel(MemoryGroup& group, MemberId id, ChannelEvents& events) : group_(group), id_(id), events_(events) {}

    void join() override;
    void leave() override;
    void send(Outgoing message) override;
    void drop_sync_messages() override;

private:
    friend class MemoryGroup;
    struct Connected {};
    struct Configuration {
        std::vector<MemberId> members, left, joined;
    };
    struct Delivery {
        MemberId sender;
        std::shared_ptr<const Buffer> bytes;
    };
    struct Call {
        std::function<void()> call;
    };
    struct Request {
        enum class Kind : std::uint8_t { message, join, leave };
        Kind kind = Kind::message;
        Outgoing message;
    };
    struct Event {
        std::uint64_t mark = 0;
        std::variant<Connected, Configuration, Delivery, Call> what;
    };

    MemoryGroup& group_;
    const MemberId id_;
    ChannelEvents& events_;
    unsigned component_ = 0;
    bool member_ = false;
    std::deque<Request> requests_;
    std::deque<Event> events_waiting_;
};

class MemoryGroup {
public:
    // Told for every event what it is marked with, by the component it happens in: a side channel for observers.
    using Marker = std::function<std::uint64_t(unsigned component)>;
    explicit MemoryGroup(Marker marker = {}) : marker_(std::move(marker)) {}

    // A new process in a component; it joins the group by its channel's join(). Ids are not used twice.
    MemoryChannel& add(MemberId id, unsigned component, ChannelEvents& events);
    // The process is gone without a word, and its channel with it.
    void remove(MemberId id);
    // Processes move to other components, all at once. `one_by_one`: who comes is announced as corosync 2.x does it,
    // with a configuration for each.
    void rearrange(const std::map<MemberId, unsigned>& components, bool one_by_one = false);

    bool has_request(MemberId id) const;
    bool has_event(MemberId id) const;
    std::uint64_t mark_of_next_event(MemberId id) const;
    // Gives the first thing the process asked for its place in its component's order.
    void sequence(MemberId id);
    // Hands the process its next event.
    void dispatch(MemberId id);
    // A call among the process's events, behind those that wait.
    void post(MemberId id, std::function<void()> call);
    // Sequences and dispatches until nothing is left, in the order of ids.
    void settle();

private:
    friend class MemoryChannel;
    using What = decltype(MemoryChannel::Event::what);
    std::vector<MemberId> members_of(unsigned component) const;
    void announce(unsigned component, const std::vector<MemberId>& left, const std::vector<MemberId>& joined);
    void push(MemoryChannel& channel, What what);

    Marker marker_;
    std::map<MemberId, std::unique_ptr<MemoryChannel>> channels_;
};

}  // namespace cfs::replica
