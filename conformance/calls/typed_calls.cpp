// The calls of libcmap that know a type, and the handle's own calls of all libraries.
#include <corosync/cfg.h>
#include <corosync/cmap.h>
#include <corosync/quorum.h>
#include <corosync/votequorum.h>
#include <fcntl.h>
#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "conformance/calls/calls.hpp"

namespace calls {
namespace {

const char* const kKeys[] = {"typed.i8",  "typed.u8",  "typed.i16", "typed.u16", "typed.i32",   "typed.u32",
                             "typed.i64", "typed.u64", "typed.flt", "typed.dbl", "typed.string"};

// Of every key, so that all but one are of another type.
template <typename T>
void get(cmap_handle_t map, const char* name, cs_error_t (*getter)(cmap_handle_t, const char*, T*)) {
    fmt::print("get {}:", name);
    for (const char* key : kKeys) {
        T value{};
        const auto error = getter(map, key, &value);
        if (error == CS_OK)
            fmt::print(" {} = {}", key, +value);
        else
            fmt::print(" {}", error);
    }
    T value{};
    fmt::print(" absent {}\n", getter(map, "typed.absent", &value));
}

void get_strings(cmap_handle_t map) {
    fmt::print("get string:");
    for (const char* key : kKeys) {
        char* text = nullptr;
        const auto error = cmap_get_string(map, key, &text);
        fmt::print(" {}{}", error, error == CS_OK ? std::string(" ") + text : "");
        std::free(text);
    }
    fmt::print("\n");
}

bool valid(int descriptor) {
    return fcntl(descriptor, F_GETFD) != -1;
}

// `mark` comes back as it was set, the descriptor is one, and both are refused once the handle is closed.
template <typename Handle>
void own_calls(const char* library, Handle handle, cs_error_t (*set)(Handle, const void*),
               cs_error_t (*context)(Handle, const void**), cs_error_t (*fd)(Handle, int*),
               cs_error_t (*finalize)(Handle)) {
    static const int mark = 0;
    const void* found = nullptr;
    int descriptor = -1;
    fmt::print("{}:", library);
    Said line;
    line("set", set(handle, &mark))("get", context(handle, &found))("same", found == &mark)("fd",
                                                                                            fd(handle, &descriptor));
    line("valid", valid(descriptor))("finalize", finalize(handle))("again", finalize(handle));
    line("fd", fd(handle, &descriptor))("get", context(handle, &found))("set", set(handle, &mark));
}

}  // namespace

void cmap_typed() {
    cmap_handle_t map = 0;
    fmt::print("open {}\n", cmap_initialize(&map));
    Said()("set", cmap_set_int8(map, kKeys[0], -8))("", cmap_set_uint8(map, kKeys[1], 208))(
        "", cmap_set_int16(map, kKeys[2], -1600))("", cmap_set_uint16(map, kKeys[3], 61600))(
        "", cmap_set_int32(map, kKeys[4], -320000))("", cmap_set_uint32(map, kKeys[5], 4200000000U))(
        "", cmap_set_int64(map, kKeys[6], -64))("", cmap_set_uint64(map, kKeys[7], ~0ULL))(
        "", cmap_set_float(map, kKeys[8], 1.25F))("", cmap_set_double(map, kKeys[9], -2.5))(
        "", cmap_set_string(map, kKeys[10], "words"));
    get<std::int8_t>(map, "int8", cmap_get_int8);
    get<std::uint8_t>(map, "uint8", cmap_get_uint8);
    get<std::int16_t>(map, "int16", cmap_get_int16);
    get<std::uint16_t>(map, "uint16", cmap_get_uint16);
    get<std::int32_t>(map, "int32", cmap_get_int32);
    get<std::uint32_t>(map, "uint32", cmap_get_uint32);
    get<std::int64_t>(map, "int64", cmap_get_int64);
    get<std::uint64_t>(map, "uint64", cmap_get_uint64);
    get<float>(map, "float", cmap_get_float);
    get<double>(map, "double", cmap_get_double);
    get_strings(map);
    for (const char* key : kKeys)
        Said()("delete", cmap_delete(map, key))("again", cmap_delete(map, key));
    fmt::print("finalize {}\n", cmap_finalize(map));
}

void handles() {
    cmap_handle_t map = 0;
    fmt::print("cmap {}\n", cmap_initialize(&map));
    own_calls<cmap_handle_t>("cmap", map, cmap_context_set, cmap_context_get, cmap_fd_get, cmap_finalize);
    quorum_callbacks_t quorum_callbacks{};
    quorum_handle_t quorum = 0;
    std::uint32_t type = 0;
    fmt::print("quorum {}\n", quorum_initialize(&quorum, &quorum_callbacks, &type));
    own_calls<quorum_handle_t>("quorum", quorum, quorum_context_set, quorum_context_get, quorum_fd_get,
                               quorum_finalize);
    votequorum_callbacks_t vote_callbacks{};
    votequorum_handle_t votes = 0;
    fmt::print("votequorum {}\n", votequorum_initialize(&votes, &vote_callbacks));
    static int mark = 0;
    void* found = nullptr;
    int descriptor = -1;
    Said()("set", votequorum_context_set(votes, &mark))("get", votequorum_context_get(votes, &found))(
        "same", found == &mark)("fd", votequorum_fd_get(votes, &descriptor))("valid", valid(descriptor))(
        "finalize", votequorum_finalize(votes))("again", votequorum_finalize(votes));
    corosync_cfg_callbacks_t cfg_callbacks{};
    corosync_cfg_handle_t cfg = 0;
    Said()("cfg", corosync_cfg_initialize(&cfg, &cfg_callbacks))("fd", corosync_cfg_fd_get(cfg, &descriptor))(
        "valid", valid(descriptor))("dispatch", corosync_cfg_dispatch(cfg, CS_DISPATCH_ONE_NONBLOCKING))(
        "finalize", corosync_cfg_finalize(cfg))("again", corosync_cfg_finalize(cfg))(
        "fd", corosync_cfg_fd_get(cfg, &descriptor));
}

}  // namespace calls
