#include "conformance/chaos/clients.hpp"

#include <corosync/cfg.h>
#include <corosync/cmap.h>
#include <corosync/cpg.h>
#include <corosync/quorum.h>
#include <corosync/votequorum.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <vector>

namespace chaos {
namespace {

// What the callbacks of this process count in.
Tally* counting = nullptr;

// Notes the outcome of a connection attempt; false if it failed.
bool connected(Tally& tally, cs_error_t result) {
    counting = &tally;
    ++(result == CS_OK ? tally.connected : tally.refused);
    return result == CS_OK;
}

void wait_for(int descriptor, int milliseconds) {
    pollfd state{descriptor, POLLIN, 0};
    ::poll(&state, 1, milliseconds);
}

bool well(cs_error_t result) {
    return result == CS_OK || result == CS_ERR_TRY_AGAIN;
}

// Dispatches whenever there is something, until the connection breaks.
template <typename Dispatch>
void dispatch_for_ever(Tally& tally, int descriptor, Dispatch dispatch) {
    for (;;) {
        wait_for(descriptor, 1000);
        if (well(dispatch())) continue;
        ++tally.broken;
        return;
    }
}

void count_notification() {
    ++counting->notified;
}

}  // namespace

void flood_group(const std::string& group, Tally& tally, std::mt19937& random) {
    cpg_callbacks_t callbacks{};
    callbacks.cpg_deliver_fn = [](cpg_handle_t, const cpg_name*, std::uint32_t, std::uint32_t, void*, std::size_t) {
        ++counting->delivered;
    };
    cpg_handle_t handle = 0;
    if (!connected(tally, cpg_initialize(&handle, &callbacks))) return;
    cpg_name name{};
    name.length = static_cast<std::uint32_t>(group.size());
    std::memcpy(name.value, group.data(), group.size());
    while (cpg_join(handle, &name) == CS_ERR_TRY_AGAIN)
        ::usleep(1000);
    int descriptor = -1;
    cpg_fd_get(handle, &descriptor);
    std::vector<char> payload(60000, 'c');
    std::discrete_distribution<int> size_class({70, 25, 5});
    constexpr std::array<std::size_t, 3> kSizes = {100, 2000, 60000};
    for (;;) {
        const iovec part{payload.data(), kSizes[static_cast<std::size_t>(size_class(random))]};
        const auto result = cpg_mcast_joined(handle, CPG_TYPE_AGREED, &part, 1);
        ++(result == CS_OK ? tally.sent : tally.try_again);
        const bool dispatched = well(cpg_dispatch(handle, CS_DISPATCH_ALL));
        if (!dispatched || !well(result)) {
            ++tally.broken;
            return;
        }
        // Bursts, and rests in between.
        if (result == CS_ERR_TRY_AGAIN || random() % 4 == 0) wait_for(descriptor, static_cast<int>(random() % 50));
    }
}

void change_keys(Tally& tally, std::mt19937& random) {
    cmap_handle_t handle = 0;
    if (!connected(tally, cmap_initialize(&handle))) return;
    for (;;) {
        const auto key = fmt::format("chaos.key{}", random() % 100);
        const auto set = random() % 4 == 0 ? cmap_delete(handle, key.c_str())
                                           : cmap_set_uint32(handle, key.c_str(), static_cast<std::uint32_t>(random()));
        std::uint32_t value = 0;
        const auto got = cmap_get_uint32(handle, key.c_str(), &value);
        tally.calls += 2;
        const auto fine = [](cs_error_t result) { return well(result) || result == CS_ERR_NOT_EXIST; };
        if (!fine(set) || !fine(got)) {
            ++tally.broken;
            return;
        }
        ::usleep(random() % 20000);
    }
}

void track_keys(Tally& tally) {
    cmap_handle_t handle = 0;
    if (!connected(tally, cmap_initialize(&handle))) return;
    cmap_track_handle_t track = 0;
    const auto changed = [](cmap_handle_t, cmap_track_handle_t, std::int32_t, const char*, cmap_notify_value,
                            cmap_notify_value, void*) { count_notification(); };
    cmap_track_add(handle, "chaos.", CMAP_TRACK_ADD | CMAP_TRACK_DELETE | CMAP_TRACK_MODIFY | CMAP_TRACK_PREFIX,
                   changed, nullptr, &track);
    int descriptor = -1;
    cmap_fd_get(handle, &descriptor);
    dispatch_for_ever(tally, descriptor, [handle] { return cmap_dispatch(handle, CS_DISPATCH_ALL); });
}

void track_quorum(Tally& tally) {
    quorum_callbacks_t callbacks{};
    callbacks.quorum_notify_fn = [](quorum_handle_t, std::uint32_t, std::uint64_t, std::uint32_t, std::uint32_t*) {
        count_notification();
    };
    quorum_handle_t handle = 0;
    std::uint32_t type = 0;
    if (!connected(tally, quorum_initialize(&handle, &callbacks, &type))) return;
    quorum_trackstart(handle, CS_TRACK_CHANGES);
    int descriptor = -1;
    quorum_fd_get(handle, &descriptor);
    dispatch_for_ever(tally, descriptor, [handle] { return quorum_dispatch(handle, CS_DISPATCH_ALL); });
}

void track_votes(Tally& tally) {
    votequorum_callbacks_t callbacks{};
    callbacks.votequorum_quorum_notify_fn = [](votequorum_handle_t, std::uint64_t, std::uint32_t, std::uint32_t,
                                               votequorum_node_t*) { count_notification(); };
    votequorum_handle_t handle = 0;
    if (!connected(tally, votequorum_initialize(&handle, &callbacks))) return;
    votequorum_trackstart(handle, 0, CS_TRACK_CHANGES);
    int descriptor = -1;
    votequorum_fd_get(handle, &descriptor);
    dispatch_for_ever(tally, descriptor, [handle] { return votequorum_dispatch(handle, CS_DISPATCH_ALL); });
}

void ask_cfg(Tally& tally) {
    corosync_cfg_handle_t handle = 0;
    if (!connected(tally, corosync_cfg_initialize(&handle, nullptr))) return;
    for (;;) {
        unsigned int node = 0;
        ++tally.calls;
        if (!well(corosync_cfg_local_get(handle, &node))) {
            ++tally.broken;
            return;
        }
        ::usleep(10000);
    }
}

}  // namespace chaos
