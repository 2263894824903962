#include "totem/net/transport.hpp"

#include <algorithm>

#include "totem/net/transport_impl.hpp"
#include "totem/wire/codec.hpp"

namespace totem::net {
namespace {

constexpr std::size_t kLargestUdpPayload = 65507;  // over IPv4; IPv6 carries twenty bytes more
constexpr std::size_t kBulkBatch = 32;
constexpr std::size_t kJoinedBatch = 8;  // buffers of 64 KiB
constexpr std::size_t kTokenBatch = 8;

std::size_t receive_size(Dialect dialect) {
    return std::min<std::size_t>(wire::max_datagram(dialect), 65536);
}
std::size_t send_size(Dialect dialect) {
    return std::min(wire::max_datagram(dialect), kLargestUdpPayload);
}

}  // namespace

Transport::Impl::Impl(boost::asio::io_context& io_context, TransportConfig cfg,
                      std::unique_ptr<crypto::Suite> protection, Listener& events)
    : io(io_context),
      config(std::move(cfg)),
      suite(std::move(protection)),
      listener(events),
      group_events(io_context),
      token_events(io_context),
      sender_events(io_context),
      check_timer(io_context),
      retry_timer(io_context),
      bulk(config.offload ? kJoinedBatch : kBulkBatch, receive_size(config.dialect), config.offload),
      tokens(config.mode == Mode::unicast ? 0 : kTokenBatch, receive_size(config.dialect)),
      outgoing(send_size(config.dialect)) {}

Transport::Transport(boost::asio::io_context& io, TransportConfig config, std::unique_ptr<crypto::Suite> suite,
                     Listener& listener)
    : impl_(std::make_shared<Impl>(io, std::move(config), std::move(suite), listener)) {}

Transport::~Transport() {
    close();
}

void Transport::start() {
    impl_->started = true;
    impl_->check();
}

void Transport::close() {
    if (impl_->closed) return;
    flush();
    impl_->closed = true;
    impl_->close_sockets();
    impl_->check_timer.cancel();
    impl_->retry_timer.cancel();
    impl_->to_self.clear();
}

void Transport::check_interface() {
    if (impl_->started && !impl_->closed) impl_->check();
}

void Transport::watch_interface(bool periodically) {
    if (impl_->watch == periodically) return;
    impl_->watch = periodically;
    if (impl_->started && !impl_->closed) impl_->arm_check();
}

void Transport::multicast(const FrameRef& frame, srp::Effects::Fanout fanout) {
    impl_->multicast(frame, fanout);
}
void Transport::unicast(const FrameRef& frame, const Identity& target) {
    impl_->unicast(frame, target);
}

void Transport::flush() {
    impl_->flush();
}

bool Transport::discard_pending_input() {
    if (!impl_->up) return false;
    bool any = impl_->drain(impl_->sockets.group ? impl_->sockets.group.fd() : impl_->sockets.token.fd());
    ++impl_->epoch;
    return any || impl_->behind > 0;
}

void Transport::read_pending() {
    if (impl_->up) impl_->read_pending();
}

void Transport::set_active(std::span<const Identity> members) {
    flush();
    impl_->members.set_active(members);
}

void Transport::set_members(std::vector<NodeAddress> members) {
    flush();
    impl_->config.members = std::move(members);
    if (impl_->local) impl_->members.rebuild(*impl_->local);
}

void Transport::reconfigure(TransportConfig changed) {
    impl_->config.block_unlisted_ips = changed.block_unlisted_ips;
    impl_->config.downcheck = changed.downcheck;
    impl_->config.widen_after = changed.widen_after;
    set_members(std::move(changed.members));
}

bool Transport::is_up() const {
    return impl_->up;
}

const NodeAddress& Transport::address() const {
    static const NodeAddress kNone;
    return impl_->local ? impl_->local->address : kNone;
}

const NodeAddress& Transport::current_sender() const {
    return impl_->sender;
}
std::size_t Transport::overhead() const {
    return impl_->suite->overhead();
}

std::size_t Transport::holds(std::size_t datagram_size) const {
    if (!impl_->up) return 0;
    // Drivers hand datagrams over in buffers of twice their size in the worst case, and there is the kernel's own part.
    constexpr std::size_t kKernelPart = 1024;
    const Sockets& sockets = impl_->sockets;
    return (sockets.group ? sockets.group : sockets.token).receive_buffer() / (2 * datagram_size + kKernelPart);
}

const Counters& Transport::counters() const {
    return impl_->counters;
}

}  // namespace totem::net
