#include <corosync/cpg.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

#include "conformance/calls/calls.hpp"

namespace calls {
namespace {

int events = 0;

cpg_name named(const std::string& text) {
    cpg_name name{};
    name.length = static_cast<std::uint32_t>(text.size());
    std::memcpy(name.value, text.data(), text.size());
    return name;
}

std::string text(const cpg_name& name) {
    return {name.value, name.length};
}

std::string list(const cpg_address* addresses, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
        out += fmt::format(" (node {} {} reason {})", addresses[i].nodeid,
                           addresses[i].pid == static_cast<std::uint32_t>(getpid()) ? "self" : "another",
                           addresses[i].reason);
    }
    return out;
}

void delivered(cpg_handle_t handle, const cpg_name* group, std::uint32_t node, std::uint32_t pid, void* message,
               std::size_t length) {
    const auto* bytes = static_cast<const unsigned char*>(message);
    void* context = nullptr;
    cpg_context_get(handle, &context);
    fmt::print("  message in {} of node {} {}: {} bytes, sum {}, context {}\n", text(*group), node,
               pid == static_cast<std::uint32_t>(getpid()) ? "self" : "another", length,
               std::accumulate(bytes, bytes + length, 0UL), context == &events);
    ++events;
}

void changed(cpg_handle_t, const cpg_name* group, const cpg_address* members, std::size_t member_count,
             const cpg_address* left, std::size_t left_count, const cpg_address* joined, std::size_t joined_count) {
    fmt::print("  change of {}: members{} left{} joined{}\n", text(*group), list(members, member_count),
               list(left, left_count), list(joined, joined_count));
    ++events;
}

void ring_changed(cpg_handle_t, cpg_ring_id, std::uint32_t count, const std::uint32_t*) {
    fmt::print("  ring of {}\n", count);
    ++events;
}

// What is there, after so many events.
void dispatch(cpg_handle_t handle, int wanted) {
    constexpr int limit_ms = 5000;
    int descriptor = -1;
    cpg_fd_get(handle, &descriptor);
    for (events = 0; events < wanted;) {
        pollfd waited{descriptor, POLLIN, 0};
        if (poll(&waited, 1, limit_ms) <= 0) break;
        cpg_dispatch(handle, CS_DISPATCH_ONE_NONBLOCKING);
    }
    fmt::print("  then {}\n", cpg_dispatch(handle, CS_DISPATCH_ONE_NONBLOCKING));
}

cs_error_t mcast(cpg_handle_t handle, std::size_t size, cpg_guarantee_t guarantee = CPG_TYPE_AGREED) {
    std::string bytes(size, 'x');
    const iovec piece{bytes.data(), bytes.size()};
    cs_error_t error = cpg_mcast_joined(handle, guarantee, &piece, 1);
    while (error == CS_ERR_TRY_AGAIN) {  // the ring is between two configurations, or busy
        poll(nullptr, 0, 1);
        error = cpg_mcast_joined(handle, guarantee, &piece, 1);
    }
    return error;
}

void members(cpg_handle_t handle, const std::string& group) {
    cpg_name name = named(group);
    std::array<cpg_address, CPG_MEMBERS_MAX> found{};
    int count = CPG_MEMBERS_MAX;
    const auto error = cpg_membership_get(handle, &name, found.data(), &count);
    fmt::print("members of '{}': {}{}\n", group, error, error == CS_OK ? list(found.data(), count) : "");
}

void iterate(cpg_handle_t handle, int type, const std::string& group) {
    const cpg_name name = named(group);
    cpg_iteration_handle_t iteration = 0;
    const auto opened = cpg_iteration_initialize(handle, static_cast<cpg_iteration_type_t>(type),
                                                 group.empty() ? nullptr : &name, &iteration);
    fmt::print("iteration {} of '{}': {}\n", type, group, opened);
    if (opened != CS_OK) return;
    cpg_iteration_description_t one{};
    cs_error_t error = CS_OK;
    while ((error = cpg_iteration_next(iteration, &one)) == CS_OK) {
        fmt::print("  {} node {} {}\n", text(one.group), one.nodeid,
                   one.pid == 0 ? "nobody" : (one.pid == static_cast<std::uint32_t>(getpid()) ? "self" : "another"));
    }
    fmt::print("  end {}", error);
    fmt::print(" finalize {}", cpg_iteration_finalize(iteration));
    fmt::print(" again {}\n", cpg_iteration_finalize(iteration));
}

void without_a_handle() {
    const cpg_handle_t none = 0x1234567800000009;
    cpg_name name = named("calls-none");
    unsigned local = 0, size = 0;
    int descriptor = 0, count = 1;
    void* buffer = nullptr;
    cpg_flow_control_state_t flow{};
    cpg_address found{};
    fmt::print("no handle:");
    Said()("join", cpg_join(none, &name))("leave", cpg_leave(none, &name))(
        "members", cpg_membership_get(none, &name, &found, &count))("local", cpg_local_get(none, &local))(
        "flow", cpg_flow_control_state_get(none, &flow))("fd", cpg_fd_get(none, &descriptor))(
        "size", cpg_max_atomic_msgsize_get(none, &size))("get", cpg_context_get(none, &buffer))(
        "set", cpg_context_set(none, buffer))("dispatch", cpg_dispatch(none, CS_DISPATCH_ONE_NONBLOCKING))(
        "zcb", cpg_zcb_alloc(none, 100, &buffer))("finalize", cpg_finalize(none));
}

void zero_copy(cpg_handle_t handle) {
    void* buffer = nullptr;
    fmt::print("zcb alloc {}", cpg_zcb_alloc(handle, 5000, &buffer));
    std::memset(buffer, 'z', 5000);
    cs_error_t error = CS_OK;
    while ((error = cpg_zcb_mcast_joined(handle, CPG_TYPE_AGREED, buffer, 5000)) == CS_ERR_TRY_AGAIN)
        poll(nullptr, 0, 1);
    fmt::print(" mcast {}\n", error);
    dispatch(handle, 1);
    fmt::print("zcb free {}\n", cpg_zcb_free(handle, buffer));
}

}  // namespace

void cpg_group() {
    without_a_handle();
    cpg_callbacks_t callbacks{delivered, changed};
    cpg_handle_t handle = 0;
    fmt::print("initialize {}\n", cpg_initialize(&handle, &callbacks));
    unsigned local = 0;
    fmt::print("local get {}", cpg_local_get(handle, &local));
    fmt::print(" node {}\n", local);
    void* context = nullptr;
    fmt::print("context set {}", cpg_context_set(handle, &events));
    fmt::print(" get {}", cpg_context_get(handle, &context));
    fmt::print(" same {}\n", context == &events);
    unsigned largest = 0;
    fmt::print("largest {}", cpg_max_atomic_msgsize_get(handle, &largest));
    fmt::print(" {}\n", largest);
    fmt::print("empty dispatch {}\n", cpg_dispatch(handle, CS_DISPATCH_ONE_NONBLOCKING));
    cpg_name group = named("calls-group");
    Said()("before joining: mcast", mcast(handle, 10))("leave", cpg_leave(handle, &group));
    cpg_name too_long = group;
    too_long.length = CPG_MAX_NAME_LENGTH + 1;
    fmt::print("join too long a name {}\n", cpg_join(handle, &too_long));
    fmt::print("join {}\n", cpg_join(handle, &group));
    dispatch(handle, 1);
    cpg_name other = named("calls-other");
    Said()("join again", cpg_join(handle, &group))("join another", cpg_join(handle, &other));
    members(handle, "calls-group");
    members(handle, "calls-nobody");
    cpg_flow_control_state_t flow{};
    fmt::print("flow control {}", cpg_flow_control_state_get(handle, &flow));
    fmt::print(" state {}\n", static_cast<int>(flow));
    for (const cpg_guarantee_t guarantee : {CPG_TYPE_UNORDERED, CPG_TYPE_FIFO, CPG_TYPE_AGREED, CPG_TYPE_SAFE}) {
        fmt::print("mcast guarantee {}: {}\n", static_cast<int>(guarantee), mcast(handle, 7, guarantee));
        dispatch(handle, 1);
    }
    for (const std::size_t size : {0, 1, 1471, 100000, 1000000, 3000000}) {
        fmt::print("mcast of {}: {}\n", size, mcast(handle, size));
        dispatch(handle, 1);
    }
    zero_copy(handle);
    fmt::print("leave {}\n", cpg_leave(handle, &group));
    dispatch(handle, 1);
    fmt::print("leave again {}", cpg_leave(handle, &group));
    fmt::print(" finalize {}", cpg_finalize(handle));
    fmt::print(" again {}\n", cpg_finalize(handle));
}

void cpg_models() {
    cpg_handle_t handle = 0;
    cpg_model_v1_data_t data{CPG_MODEL_V1, delivered, changed, ring_changed, CPG_MODEL_V1_DELIVER_INITIAL_TOTEM_CONF};
    auto* model = reinterpret_cast<cpg_model_data_t*>(&data);
    for (const int number : {0, 2, 77}) {
        fmt::print("model {}: {}\n", number,
                   cpg_model_initialize(&handle, static_cast<cpg_model_t>(number), model, nullptr));
    }
    data.flags = 0x80;
    fmt::print("unknown flags {}\n", cpg_model_initialize(&handle, CPG_MODEL_V1, model, nullptr));
    data.flags = CPG_MODEL_V1_DELIVER_INITIAL_TOTEM_CONF;
    fmt::print("v1 {}\n", cpg_model_initialize(&handle, CPG_MODEL_V1, model, &events));
    cpg_name group = named("calls-v1");
    fmt::print("join {}\n", cpg_join(handle, &group));
    dispatch(handle, 2);
    cpg_handle_t second = 0;
    data.flags = 0;
    fmt::print("v1 {}\n", cpg_model_initialize(&second, CPG_MODEL_V1, model, nullptr));
    cpg_name other = named("calls-v1-other");
    fmt::print("join {}\n", cpg_join(second, &other));
    dispatch(second, 1);
    for (const int type : {1, 2, 3, 0, 4})
        iterate(handle, type, type == 2 ? "calls-v1" : "");
    iterate(handle, CPG_ITERATION_ONE_GROUP, "calls-nobody");
    iterate(handle, CPG_ITERATION_ONE_GROUP, "");
    iterate(handle, CPG_ITERATION_ALL, "calls-v1");
    fmt::print("finalize {}\n", cpg_finalize(second));
    fmt::print("v1 {}\n", cpg_model_initialize(&second, CPG_MODEL_V1, model, nullptr));
    fmt::print("join {}\n", cpg_join(second, &group));
    Said()("finalize", cpg_finalize(second))("finalize", cpg_finalize(handle));
}

}  // namespace calls
