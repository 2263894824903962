// Finding the interface, opening and closing sockets on it. Spec totem-wire.md section 9.3.

#include <boost/asio/error.hpp>
#include <system_error>

#include "totem/net/transport_impl.hpp"

namespace totem::net {
namespace {

constexpr unsigned kOpenAttempts = 10;
constexpr auto kOpenDelay = std::chrono::milliseconds(100);

}  // namespace

void Transport::Impl::check() {
    std::optional<HostAddress> found;
    try {
        auto addresses = host_addresses();
        found = find_address(addresses, config.bindnetaddr);
    } catch (const std::system_error& error) {
        listener.trouble("Unable to list the network interfaces: " + std::string(error.what()));
    }
    bool usable = found && found->up;
    bool same = usable && local && found->address.same_address(local->address) && found->index == local->index;
    if (up && !same) close_sockets();
    if (!usable) go_down();
    if (!closed && usable && !up && !retrying) try_open(*found);
    if (!closed) arm_check();
}

void Transport::Impl::go_down() {
    open_attempts = 0;
    if (told_down) return;
    told_down = true;
    listener.interface_down();
}

void Transport::Impl::try_open(const HostAddress& found) {
    try {
        Sockets opened = open_sockets(config, found);
        local = found;
        adopt_sockets(std::move(opened));
    } catch (const NetError& error) {
        on_open_failure(error);
        return;
    }
    open_attempts = 0;
    told_down = false;
    listener.interface_up(found);
}

// Another process may be about to go, an IPv6 address may still be tentative: retry as upstream does,
// but without blocking.
void Transport::Impl::on_open_failure(const NetError& error) {
    retrying = true;
    if (++open_attempts >= kOpenAttempts) {
        listener.failed(error.what());
        return;
    }
    listener.trouble(error.what());
    retry_timer.expires_after(open_attempts * kOpenDelay);
    retry_timer.async_wait([self = shared_from_this()](const boost::system::error_code& failure) {
        self->retrying = false;
        if (!failure && !self->closed) self->check();
    });
}

void Transport::Impl::adopt_sockets(Sockets opened) {
    sockets = std::move(opened);
    group_target = group_address(config, *local);
    members.rebuild(*local);
    outgoing.offload(config.offload && sockets.multicasts.can_segment());
    up = true;
    ++epoch;
    ++generation;
    token_events.assign(sockets.token.fd());
    wait_token();
    if (sockets.group) {
        group_events.assign(sockets.group.fd());
        wait_group();
        sender_events.assign(sockets.multicasts.fd());
    }
    if (config.notice_refusals) wait_errors();
}

void Transport::Impl::close_sockets() {
    if (!up) return;
    flush();
    up = false;
    ++epoch;
    ++generation;
    // The descriptors only watch; the sockets own the file descriptors.
    if (group_events.is_open()) group_events.release();
    if (token_events.is_open()) token_events.release();
    if (sender_events.is_open()) sender_events.release();
    sockets = Sockets{};
}

void Transport::Impl::arm_check() {
    check_timer.cancel();
    if (up && !watch) return;
    check_timer.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(config.downcheck));
    check_timer.async_wait([self = shared_from_this()](const boost::system::error_code& failure) {
        if (!failure && !self->closed) self->check();
    });
}

}  // namespace totem::net
