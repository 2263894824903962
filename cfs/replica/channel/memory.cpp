#include "cfs/replica/channel/memory.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace cfs::replica {

void MemoryChannel::join() {
    requests_.push_back({Request::Kind::join, {}});
    group_.push(*this, Connected{});
}

void MemoryChannel::leave() {
    requests_.clear();
    requests_.push_back({Request::Kind::leave, {}});
}

void MemoryChannel::send(Outgoing message) {
    requests_.push_back({Request::Kind::message, std::move(message)});
}

void MemoryChannel::drop_sync_messages() {
    std::erase_if(requests_, [](const Request& request) {
        return request.kind == Request::Kind::message && belongs_to_sync(request.message.purpose);
    });
}

MemoryChannel& MemoryGroup::add(MemberId id, unsigned component, ChannelEvents& events) {
    auto& channel = channels_[id] = std::make_unique<MemoryChannel>(*this, id, events);
    channel->component_ = component;
    return *channel;
}

void MemoryGroup::remove(MemberId id) {
    const auto found = channels_.find(id);
    if (found == channels_.end()) return;
    const auto gone = std::move(found->second);
    channels_.erase(found);
    if (gone->member_) announce(gone->component_, {id}, {});
}

void MemoryGroup::rearrange(const std::map<MemberId, unsigned>& components, bool one_by_one) {
    std::map<MemberId, std::set<MemberId>> before;
    for (const auto& [id, channel] : channels_) {
        const auto members = members_of(channel->component_);
        before[id] = {members.begin(), members.end()};
    }
    for (const auto& [id, component] : components)
        if (const auto found = channels_.find(id); found != channels_.end()) found->second->component_ = component;
    for (const auto& [id, channel] : channels_) {
        if (!channel->member_) continue;
        const auto members = members_of(channel->component_);
        MemoryChannel::Configuration change;
        for (const MemberId old : before[id])
            if (std::ranges::find(members, old) == members.end()) change.left.push_back(old);
        for (const MemberId member : members)
            (before[id].contains(member) ? change.members : change.joined).push_back(member);
        if (one_by_one) {
            if (!change.left.empty()) push(*channel, MemoryChannel::Configuration{change.members, change.left, {}});
            for (const MemberId joined : change.joined) {
                change.members.insert(std::ranges::upper_bound(change.members, joined), joined);
                push(*channel, MemoryChannel::Configuration{change.members, {}, {joined}});
            }
        } else if (!change.left.empty() || !change.joined.empty()) {
            change.members = members;
            push(*channel, std::move(change));
        }
    }
}

bool MemoryGroup::has_request(MemberId id) const {
    return !channels_.at(id)->requests_.empty();
}

bool MemoryGroup::has_event(MemberId id) const {
    return !channels_.at(id)->events_waiting_.empty();
}

std::uint64_t MemoryGroup::mark_of_next_event(MemberId id) const {
    return channels_.at(id)->events_waiting_.front().mark;
}

void MemoryGroup::sequence(MemberId id) {
    MemoryChannel& channel = *channels_.at(id);
    if (channel.requests_.empty()) return;
    using Kind = MemoryChannel::Request::Kind;
    MemoryChannel::Request request = std::move(channel.requests_.front());
    channel.requests_.pop_front();
    if (request.kind == Kind::message) {
        if (!channel.member_) return;
        const auto bytes = std::make_shared<const Buffer>(std::move(request.message.bytes));
        for (const MemberId member : members_of(channel.component_))
            push(*channels_.at(member), MemoryChannel::Delivery{id, bytes});
    } else if (request.kind == Kind::join) {
        if (std::exchange(channel.member_, true)) return;
        announce(channel.component_, {}, {id});
    } else {
        if (std::exchange(channel.member_, false)) announce(channel.component_, {id}, {});
        push(channel, MemoryChannel::Configuration{members_of(channel.component_), {id}, {}});
    }
}

void MemoryGroup::dispatch(MemberId id) {
    MemoryChannel& channel = *channels_.at(id);
    if (channel.events_waiting_.empty()) return;
    MemoryChannel::Event event = std::move(channel.events_waiting_.front());
    channel.events_waiting_.pop_front();
    if (const auto* const change = std::get_if<MemoryChannel::Configuration>(&event.what))
        channel.events_.configuration(change->members, change->left, change->joined);
    else if (const auto* const delivery = std::get_if<MemoryChannel::Delivery>(&event.what))
        channel.events_.delivered(delivery->sender, *delivery->bytes);
    else if (const auto* const call = std::get_if<MemoryChannel::Call>(&event.what))
        call->call();
    else
        channel.events_.connected(id);
}

void MemoryGroup::post(MemberId id, std::function<void()> call) {
    push(*channels_.at(id), MemoryChannel::Call{std::move(call)});
}

void MemoryGroup::settle() {
    for (bool busy = true; busy;) {
        busy = false;
        for (const auto& [id, channel] : channels_) {
            if (has_request(id)) sequence(id), busy = true;
            if (has_event(id)) dispatch(id), busy = true;
        }
    }
}

std::vector<MemberId> MemoryGroup::members_of(unsigned component) const {
    std::vector<MemberId> members;
    for (const auto& [id, channel] : channels_)
        if (channel->member_ && channel->component_ == component) members.push_back(id);
    return members;
}

void MemoryGroup::announce(unsigned component, const std::vector<MemberId>& left, const std::vector<MemberId>& joined) {
    const auto members = members_of(component);
    for (const MemberId member : members)
        push(*channels_.at(member), MemoryChannel::Configuration{members, left, joined});
}

void MemoryGroup::push(MemoryChannel& channel, What what) {
    channel.events_waiting_.push_back({marker_ ? marker_(channel.component_) : 0, std::move(what)});
}

}  // namespace cfs::replica
