#include <corosync/cfg.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <atomic>
#include <chrono>
#include <cstring>
#include <future>
#include <thread>

#include "conformance/calls/calls.hpp"

namespace calls {
namespace {

void ring_status(corosync_cfg_handle_t handle) {
    char **names = nullptr, **states = nullptr;
    unsigned count = 0;
    const auto error = corosync_cfg_ring_status_get(handle, &names, &states, &count);
    fmt::print("ring status {} count {}\n", error, count);
    for (unsigned i = 0; error == CS_OK && i < count; ++i)
        fmt::print("  '{}' '{}'\n", names[i], states[i]);
}

void node_status(corosync_cfg_handle_t handle, unsigned node, int version) {
    corosync_cfg_node_status_v1 status;
    std::memset(&status, 0xAA, sizeof status);
    const auto error =
        corosync_cfg_node_status_get(handle, node, static_cast<corosync_cfg_node_status_version_t>(version), &status);
    fmt::print("node status {} version {}: {}\n", node, version, error);
    if (error != CS_OK) return;
    fmt::print("  version {} node {} reachable {} remote {} external {} onwire {} {} {}\n",
               static_cast<int>(status.version), status.nodeid, status.reachable, status.remote, status.external,
               status.onwire_min, status.onwire_max, status.onwire_ver);
    for (const auto& link : status.link_status) {
        fmt::print("  enabled {} connected {} dynamic {} mtu {} '{}' '{}'\n", link.enabled, link.connected,
                   link.dynconnected, link.mtu, link.src_ipaddr, link.dst_ipaddr);
    }
}

void addresses(corosync_cfg_handle_t handle, unsigned node) {
    corosync_cfg_node_address_t found[8];
    int count = 0;
    const auto error = corosync_cfg_get_node_addrs(handle, node, 8, &count, found);
    fmt::print("addresses of {}: {}", node, error);
    for (int i = 0; error == CS_OK && i < count; ++i) {
        const auto* address = reinterpret_cast<const sockaddr_in*>(found[i].address);
        const auto number = ntohl(address->sin_addr.s_addr);
        fmt::print(" family {} {}.{}.{}.{}", address->sin_family, number >> 24, number >> 16 & 255, number >> 8 & 255,
                   number & 255);
    }
    fmt::print("\n");
}

std::string reply_of_tracker;

void on_shutdown(corosync_cfg_handle_t handle, corosync_cfg_shutdown_flags_t flags) {
    fmt::print("asked, flags {}\n", static_cast<int>(flags));
    if (reply_of_tracker == "none") return;
    if (reply_of_tracker == "leave") {
        fmt::print("track stop {}\n", corosync_cfg_trackstop(handle));
        return;
    }
    const auto answer = reply_of_tracker == "yes" ? COROSYNC_CFG_SHUTDOWN_FLAG_YES : COROSYNC_CFG_SHUTDOWN_FLAG_NO;
    fmt::print("reply {}\n", corosync_cfg_replyto_shutdown(handle, answer));
}

}  // namespace

void cfg_questions() {
    corosync_cfg_handle_t handle = 0;
    fmt::print("open {}\n", corosync_cfg_initialize(&handle, nullptr));
    unsigned local = 0;
    fmt::print("local get {}", corosync_cfg_local_get(handle, &local));
    fmt::print(" {}\n", local);
    ring_status(handle);
    for (const unsigned node : {0u, 1u, 2u, 3u, 9u}) {
        node_status(handle, node, CFG_NODE_STATUS_V1);
        addresses(handle, node);
    }
    fmt::print("kill absent {}\n", corosync_cfg_kill_node(handle, 9, "not there"));
    fmt::print("reopen {}\n", corosync_cfg_reopen_log_files(handle));
    fmt::print("track start {}", corosync_cfg_trackstart(handle, 0));
    fmt::print(" again {}", corosync_cfg_trackstart(handle, 0));
    fmt::print(" stop {}", corosync_cfg_trackstop(handle));
    fmt::print(" again {}\n", corosync_cfg_trackstop(handle));
    corosync_cfg_finalize(handle);
}

void cfg_vote(const std::string& reply, int flags) {
    reply_of_tracker = reply;
    corosync_cfg_callbacks_t callbacks{on_shutdown};
    corosync_cfg_handle_t tracker = 0, requester = 0, late = 0;
    corosync_cfg_initialize(&tracker, &callbacks);
    corosync_cfg_initialize(&requester, nullptr);
    corosync_cfg_initialize(&late, nullptr);
    fmt::print("track start {}\n", corosync_cfg_trackstart(tracker, 0));
    auto result = std::async(std::launch::async, [&] {
        return corosync_cfg_try_shutdown(requester, static_cast<corosync_cfg_shutdown_flags_t>(flags));
    });
    int fd = -1;
    corosync_cfg_fd_get(tracker, &fd);
    pollfd wait{fd, POLLIN, 0};
    if (::poll(&wait, 1, 10000) == 1 && reply == "none")
        fmt::print("second attempt {}\n", corosync_cfg_try_shutdown(late, COROSYNC_CFG_SHUTDOWN_FLAG_REQUEST));
    corosync_cfg_dispatch(tracker, CS_DISPATCH_ALL);
    fmt::print("try shutdown {}\n", result.get());
}

}  // namespace calls
