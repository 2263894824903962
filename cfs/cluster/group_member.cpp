#include "cfs/cluster/group_member.hpp"

#include <poll.h>

#include <algorithm>

namespace cfs::cluster {

GroupMember::GroupMember(boost::asio::io_context& loop, std::string group, replica::EngineSettings settings,
                         replica::Application& application, replica::EngineObserver& observer,
                         std::function<void()> before_event)
    : observer_(observer),
      before_event_(std::move(before_event)),
      channel_(std::move(group), *this, *this),
      engine_(settings, application, channel_, observer),
      fd_(loop, [this] { dispatch(); }),
      timer_(loop) {}

void GroupMember::start() {
    started_ = true;
    act([](replica::Engine& engine) { engine.start(now()); });
}

void GroupMember::stop() {
    if (!started_ || stopping_) return;
    stopping_ = true;
    act([](replica::Engine& engine) { engine.stop(); });
}

void GroupMember::dispatch() {
    before_event_();
    channel_.dispatch();
    settle();
}

void GroupMember::drain() {
    pollfd ready{channel_.fd(), POLLIN, 0};
    while (ready.fd >= 0 && ::poll(&ready, 1, 0) == 1) {
        channel_.dispatch();
        settle();
        ready.fd = channel_.fd();
    }
}

void GroupMember::settle() {
    // A connection that broke and the next one may have the same number.
    fd_.watch(channel_.fd());
    const auto at = now();
    channel_.tick(at.instant);
    engine_.tick(at);
    channel_.tick(at.instant);  // what the engine asked for
    fd_.watch(channel_.fd());
    arm();
}

void GroupMember::arm() {
    const auto due = std::min(channel_.next_timer(), engine_.next_timer());
    if (due == due_) return;
    due_ = due;
    timer_.cancel();
    if (due == totem::kNever) return;
    timer_.expires_at(std::max(due, totem::Instant{}));
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (error) return;
        due_ = totem::kNever;
        settle();
    });
}

void GroupMember::configuration(std::span<const replica::MemberId> members, std::span<const replica::MemberId> left,
                                std::span<const replica::MemberId> joined) {
    engine_.configuration(now(), members, left, joined);
}

void GroupMember::delivered(replica::MemberId sender, totem::Bytes message) {
    engine_.delivered(now(), sender, message);
}

void GroupMember::send_failed(replica::Purpose purpose, std::uint64_t id) {
    engine_.send_failed(now(), purpose, id);
}

}  // namespace cfs::cluster
