#include <corosync/quorum.h>
#include <corosync/votequorum.h>
#include <fmt/format.h>
#include <poll.h>
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "conformance/calls/calls.hpp"

namespace calls {
namespace {

std::string list(const std::uint32_t* ids, std::uint32_t count) {
    std::string out = "[";
    for (std::uint32_t i = 0; i < count; ++i)
        out += fmt::format("{}{}", i == 0 ? "" : " ", ids[i]);
    return out + "]";
}

// --- libquorum

void told(quorum_handle_t, std::uint32_t quorate, std::uint64_t seq, std::uint32_t count, std::uint32_t* view) {
    fmt::print("  v0 quorate {} seq {} view {}\n", quorate, seq, list(view, count));
}
void told_v1(quorum_handle_t, std::uint32_t quorate, quorum_ring_id ring, std::uint32_t count,
             const std::uint32_t* members) {
    fmt::print("  v1 quorate {} ring {}.{} members {}\n", quorate, ring.nodeid, ring.seq, list(members, count));
}
void listed_v1(quorum_handle_t, quorum_ring_id ring, std::uint32_t members, const std::uint32_t* member_list,
               std::uint32_t joined, const std::uint32_t* joined_list, std::uint32_t left,
               const std::uint32_t* left_list) {
    fmt::print("  v1 list ring {}.{} members {} joined {} left {}\n", ring.nodeid, ring.seq, list(member_list, members),
               list(joined_list, joined), list(left_list, left));
}

void dispatch(quorum_handle_t handle) {
    cs_error_t error = CS_OK;
    while ((error = quorum_dispatch(handle, CS_DISPATCH_ONE_NONBLOCKING)) == CS_OK) {
    }
    fmt::print("  dispatch {}\n", error);
}

void track(quorum_handle_t handle) {
    int quorate = -1;
    fmt::print("getquorate {}", quorum_getquorate(handle, &quorate));
    fmt::print(" quorate {}\n", quorate);
    for (const unsigned flags : {CS_TRACK_CURRENT, CS_TRACK_CHANGES, CS_TRACK_CHANGES, CS_TRACK_CHANGES_ONLY, 0}) {
        fmt::print("trackstart {}: {}\n", flags, quorum_trackstart(handle, flags));
        dispatch(handle);
    }
    fmt::print("trackstop {}", quorum_trackstop(handle));
    fmt::print(" again {}\n", quorum_trackstop(handle));
}

// --- libvotequorum

int events = 0;

void votes_told(votequorum_handle_t, std::uint64_t context, std::uint32_t quorate, std::uint32_t count,
                votequorum_node_t nodes[]) {
    ++events;
    std::vector<std::string> states;  // real ones are not in order
    for (std::uint32_t i = 0; i < count; ++i)
        states.push_back(fmt::format("{}:{}", nodes[i].nodeid, nodes[i].state));
    std::sort(states.begin(), states.end());
    fmt::print("  quorum context {} quorate {}", context, quorate);
    for (const auto& state : states)
        fmt::print(" {}", state);
    fmt::print("\n");
}
void votes_expected(votequorum_handle_t, std::uint64_t context, std::uint32_t votes) {
    ++events;
    fmt::print("  expected context {} votes {}\n", context, votes);
}
void votes_listed(votequorum_handle_t, std::uint64_t context, votequorum_ring_id_t ring, std::uint32_t count,
                  std::uint32_t nodes[]) {
    ++events;
    fmt::print("  list context {} ring {}.{} {}\n", context, ring.nodeid, ring.seq, list(nodes, count));
}

votequorum_handle_t open_votes() {
    votequorum_callbacks_t callbacks{votes_told, votes_expected, votes_listed};
    votequorum_handle_t handle = 0;
    fmt::print("initialize {}\n", votequorum_initialize(&handle, &callbacks));
    return handle;
}

// What is there, after so many events.
void dispatch(votequorum_handle_t handle, int wanted) {
    constexpr int limit_ms = 5000;
    int descriptor = -1;
    votequorum_fd_get(handle, &descriptor);
    for (events = 0; events < wanted;) {
        pollfd waited{descriptor, POLLIN, 0};
        if (poll(&waited, 1, limit_ms) <= 0) break;
        votequorum_dispatch(handle, CS_DISPATCH_ONE_NONBLOCKING);
    }
    while (votequorum_dispatch(handle, CS_DISPATCH_ONE_NONBLOCKING) == CS_OK) {
    }
}

void info(votequorum_handle_t handle, unsigned node) {
    votequorum_info said{};
    const auto error = votequorum_getinfo(handle, node, &said);
    fmt::print("info {}: {}\n", node, error);
    if (error != CS_OK) return;
    fmt::print("  node {} state {} votes {} expected {} highest {} total {} quorum {} flags {} device {} '{}'\n",
               said.node_id, said.node_state, said.node_votes, said.node_expected_votes, said.highest_expected,
               said.total_votes, said.quorum, said.flags, said.qdevice_votes, said.qdevice_name);
}

// Until node 1 is so: changes take effect when all nodes hear of them.
template <typename Condition>
void await(votequorum_handle_t handle, Condition condition) {
    constexpr int tries = 2000;
    votequorum_info said{};
    for (int i = 0; i < tries; ++i) {
        if (votequorum_getinfo(handle, 1, &said) == CS_OK && condition(said)) return;
        poll(nullptr, 0, 1);
    }
    fmt::print("  never so\n");
}

// The ring of the last list event.
votequorum_ring_id_t last_ring;

void remember_ring(votequorum_handle_t, std::uint64_t, votequorum_ring_id_t ring, std::uint32_t, std::uint32_t*) {
    last_ring = ring;
}

votequorum_ring_id_t current_ring() {
    votequorum_callbacks_t callbacks{nullptr, nullptr, remember_ring};
    votequorum_handle_t handle = 0;
    votequorum_initialize(&handle, &callbacks);
    votequorum_trackstart(handle, 0, CS_TRACK_CURRENT);
    while (votequorum_dispatch(handle, CS_DISPATCH_ONE_NONBLOCKING) == CS_OK) {
    }
    votequorum_finalize(handle);
    return last_ring;
}

}  // namespace

void quorum_both_models() {
    std::uint32_t type = 99;
    quorum_handle_t handle = 0;
    quorum_callbacks_t callbacks{told};
    fmt::print("initialize {}", quorum_initialize(&handle, &callbacks, &type));
    fmt::print(" type {}\n", type);
    track(handle);
    fmt::print("finalize {}\n", quorum_finalize(handle));
    quorum_model_v1_data_t data{QUORUM_MODEL_V1, told_v1, listed_v1};
    fmt::print("v1 initialize {}",
               quorum_model_initialize(&handle, QUORUM_MODEL_V1, reinterpret_cast<quorum_model_data_t*>(&data), &type,
                                       nullptr));
    fmt::print(" type {}\n", type);
    track(handle);
    fmt::print("finalize {}\n", quorum_finalize(handle));
}

void votequorum_votes(unsigned nodes) {
    const votequorum_handle_t handle = open_votes();
    for (unsigned node = 1; node <= nodes; ++node)
        info(handle, node);
    info(handle, 99);
    for (const unsigned flags : {CS_TRACK_CURRENT, CS_TRACK_CHANGES, CS_TRACK_CHANGES}) {
        fmt::print("trackstart {}: {}\n", flags, votequorum_trackstart(handle, 40 + flags, flags));
        dispatch(handle, 2);
    }
    const auto set_expected = [&](unsigned votes, int wanted) {
        fmt::print("setexpected {}: {}\n", votes, votequorum_setexpected(handle, votes));
        dispatch(handle, wanted);
        info(handle, 1);
    };
    set_expected(nodes - 1, 0);
    set_expected(4 * nodes, 0);
    set_expected(nodes + 1, 1);
    set_expected(nodes, 1);
    fmt::print("setvotes 99 1: {}\n", votequorum_setvotes(handle, 99, 1));
    for (const unsigned votes : {2U, 1U}) {
        fmt::print("setvotes 1 {}: {}\n", votes, votequorum_setvotes(handle, 1, votes));
        await(handle, [&](const votequorum_info& said) { return said.node_votes == votes; });
    }
    set_expected(nodes, 2);  // the first told of the votes
    fmt::print("trackstop {}", votequorum_trackstop(handle));
    fmt::print(" again {}\n", votequorum_trackstop(handle));
    fmt::print("finalize {}\n", votequorum_finalize(handle));
}

void votequorum_device(unsigned own) {
    const char* name = "QDEVICE";
    const votequorum_handle_t handle = open_votes();
    votequorum_ring_id_t ring = current_ring();
    const auto say = [&](const char* what, cs_error_t error) {
        fmt::print("{}: {}\n", what, error);
        info(handle, own);
    };
    say("poll before", votequorum_qdevice_poll(handle, name, 1, ring));
    say("master wins before", votequorum_qdevice_master_wins(handle, name, 1));
    say("unregister before", votequorum_qdevice_unregister(handle, name));
    say("update before", votequorum_qdevice_update(handle, name, "NEW"));
    fmt::print("register: {}\n", votequorum_qdevice_register(handle, name));
    await(handle, [&](const votequorum_info& said) { return std::string(said.qdevice_name) == name; });
    info(handle, own);
    say("register again", votequorum_qdevice_register(handle, name));
    say("register other", votequorum_qdevice_register(handle, "OTHER"));
    const auto current = [&] {
        votequorum_trackstart(handle, 7, CS_TRACK_CURRENT);
        dispatch(handle, 2);
    };
    current();
    say("poll other", votequorum_qdevice_poll(handle, "OTHER", 1, ring));
    ring.seq -= 4;
    say("poll old ring", votequorum_qdevice_poll(handle, "OTHER", 1, ring));
    ring.seq += 4;
    say("poll", votequorum_qdevice_poll(handle, name, 1, ring));
    current();
    say("master wins other", votequorum_qdevice_master_wins(handle, "OTHER", 1));
    say("master wins", votequorum_qdevice_master_wins(handle, name, 1));
    say("poll without vote", votequorum_qdevice_poll(handle, name, 0, ring));
    say("unregister other", votequorum_qdevice_unregister(handle, "OTHER"));
    fmt::print("unregister: {}\n", votequorum_qdevice_unregister(handle, name));
    await(handle, [](const votequorum_info& said) { return said.qdevice_name[0] == '\0'; });
    info(handle, own);
    current();
    fmt::print("finalize {}\n", votequorum_finalize(handle));
}

}  // namespace calls
