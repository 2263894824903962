#include <corosync/cmap.h>
#include <fmt/format.h>
#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "conformance/calls/calls.hpp"

namespace calls {
namespace {

class Map {
public:
    explicit Map(cmap_map_t map = CMAP_MAP_DEFAULT) { opened = cmap_initialize_map(&handle, map); }
    ~Map() { cmap_finalize(handle); }
    Map(const Map&) = delete;
    Map& operator=(const Map&) = delete;

    cmap_handle_t handle = 0;
    cs_error_t opened;
};

std::string printable(std::string_view bytes) {
    std::string text;
    for (const char c : bytes)
        text += c >= ' ' && c <= '~' ? std::string(1, c) : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    return text.size() > 60 ? fmt::format("{} bytes", bytes.size()) : text;
}

// Error, type, length and value as the library gives them with a buffer of `room` bytes; 0 asks for length and type.
std::string shown(Map& map, const char* key, std::size_t room = 20000) {
    std::vector<char> value(room);
    std::size_t length = room;
    cmap_value_types_t type{};
    const auto error = cmap_get(map.handle, key, room == 0 ? nullptr : value.data(), &length, &type);
    if (error != CS_OK) return fmt::format("error {}", error);
    return fmt::format("type {} length {} '{}'", static_cast<int>(type), length,
                       printable({value.data(), std::min(length, room)}));
}

void set(Map& map, const char* key, std::string_view bytes, int type) {
    const auto error = cmap_set(map.handle, key, bytes.data(), bytes.size(), static_cast<cmap_value_types_t>(type));
    fmt::print("set {} type {} '{}': {} -> {}\n", key, type, printable(bytes), error, shown(map, key));
}

void adjust(Map& map, const char* key) {
    const auto up = cmap_inc(map.handle, key);
    fmt::print("inc {}: {} -> {}\n", key, up, shown(map, key));
    const auto first = cmap_dec(map.handle, key), second = cmap_dec(map.handle, key);
    fmt::print("dec {}: {} {} -> {}\n", key, first, second, shown(map, key));
}

void refused(Map& map, const char* key, cs_error_t set) {
    const auto deleted = cmap_delete(map.handle, key);
    fmt::print("{}: set {} delete {} inc {}\n", key, set, deleted, cmap_inc(map.handle, key));
}

void on_notify(cmap_handle_t, cmap_track_handle_t, int32_t event, const char* key, cmap_notify_value now,
               cmap_notify_value before, void* user) {
    const auto text = [](const cmap_notify_value& value) {
        return fmt::format("type {} length {} '{}'", static_cast<int>(value.type), value.len,
                           printable({static_cast<const char*>(value.data), value.data ? value.len : 0}));
    };
    fmt::print("  {} event {} {}: now {}, before {}\n", static_cast<const char*>(user), event, key, text(now),
               text(before));
}

}  // namespace

void cmap_values() {
    Map map;
    using namespace std::string_view_literals;
    fmt::print("open {}\n", map.opened);
    set(map, "ct.u8", "\xff"sv, CMAP_VALUETYPE_UINT8);
    adjust(map, "ct.u8");
    set(map, "ct.i8", "\x7f"sv, CMAP_VALUETYPE_INT8);
    adjust(map, "ct.i8");
    set(map, "ct.i16", "\xff\x7f"sv, CMAP_VALUETYPE_INT16);
    adjust(map, "ct.i16");
    set(map, "ct.u16", "\xff\xff"sv, CMAP_VALUETYPE_UINT16);
    adjust(map, "ct.u16");
    set(map, "ct.i32", "\xff\xff\xff\x7f"sv, CMAP_VALUETYPE_INT32);
    adjust(map, "ct.i32");
    set(map, "ct.u32", "\xff\xff\xff\xff"sv, CMAP_VALUETYPE_UINT32);
    adjust(map, "ct.u32");
    set(map, "ct.u64", "\xff\xff\xff\xff\xff\xff\xff\xff"sv, CMAP_VALUETYPE_UINT64);
    adjust(map, "ct.u64");
    set(map, "ct.flt", "\x00\x00\x80\x3f"sv, CMAP_VALUETYPE_FLOAT);
    adjust(map, "ct.flt");
    set(map, "ct.str", "word", CMAP_VALUETYPE_STRING);
    adjust(map, "ct.str");
    set(map, "ct.str", "", CMAP_VALUETYPE_STRING);
    set(map, "ct.str", "ab\0cd"sv, CMAP_VALUETYPE_STRING);
    set(map, "ct.str", "word\0"sv, CMAP_VALUETYPE_STRING);
    set(map, "ct.bin", "\x00\x01\xfe"sv, CMAP_VALUETYPE_BINARY);
    set(map, "ct.bin", std::string(16384, 'b'), CMAP_VALUETYPE_BINARY);
    set(map, "ct.bin", std::string(16385, 'b'), CMAP_VALUETYPE_BINARY);
    set(map, "ct.long", std::string(16383, 's'), CMAP_VALUETYPE_STRING);
    set(map, "ct.long", std::string(16384, 's'), CMAP_VALUETYPE_STRING);
    set(map, "ct.wrong", "abc", CMAP_VALUETYPE_UINT32);
    set(map, "ct.wrong", "\x01", CMAP_VALUETYPE_UINT8 + 40);
    set(map, "ct.u8", "other type", CMAP_VALUETYPE_STRING);
    set(map, "ab", "short", CMAP_VALUETYPE_STRING);
    set(map, "abc", "just long enough", CMAP_VALUETYPE_STRING);
    set(map, "ct.with blank", "x", CMAP_VALUETYPE_STRING);
    set(map, "ct.a/b:c_d-e", "x", CMAP_VALUETYPE_STRING);
    set(map, std::string(255, 'k').c_str(), "x", CMAP_VALUETYPE_STRING);
    set(map, std::string(256, 'k').c_str(), "x", CMAP_VALUETYPE_STRING);
    for (const char* key : {"totem.transport", "runtime.config.totem.token", "runtime.services.cpg.0.tx",
                            "internal_configuration.new", "uidgid.config.uid.5", "nodelist.new", "system.new",
                            "config.reload_in_progress", "totem.nodeid", "runtime.totem.new"}) {
        refused(map, key, cmap_set_uint8(map.handle, key, 1));
    }
    fmt::print("get absent {}\n", shown(map, "ct.absent"));
    fmt::print("get length only {}\n", shown(map, "ct.a/b:c_d-e", 0));
    fmt::print("get small buffer {}\n", shown(map, "ct.bin", 100));
    fmt::print("inc absent {}\n", cmap_inc(map.handle, "ct.absent"));
    fmt::print("delete {}", cmap_delete(map.handle, "ct.str"));
    fmt::print(" again {}\n", cmap_delete(map.handle, "ct.str"));
    uint32_t number = 0;
    fmt::print("get u32 of a u16 {}\n", cmap_get_uint32(map.handle, "ct.u16", &number));
    Map unknown(static_cast<cmap_map_t>(7));
    fmt::print("unknown map {}\n", unknown.opened);
}

void cmap_iteration() {
    Map map;
    for (const char* key : {"ci.b", "ci.a", "ci.a.b", "ci.10", "ci.2", "ci.A", "cix", "ci.-", "ci./", "ci.:", "ci._"})
        cmap_set_uint8(map.handle, key, 1);
    cmap_set_string(map.handle, "ci.text", "four");
    cmap_iter_handle_t iterator = 0;
    fmt::print("init {}\n", cmap_iter_init(map.handle, "ci", &iterator));
    char key[CMAP_KEYNAME_MAXLEN + 1];
    std::size_t length = 0;
    cmap_value_types_t type{};
    cs_error_t error = CS_OK;
    while ((error = cmap_iter_next(map.handle, iterator, key, &length, &type)) == CS_OK) {
        fmt::print("  {} type {} length {}\n", key, static_cast<int>(type), length);
        cmap_delete(map.handle, key);
    }
    fmt::print("end {}", error);
    fmt::print(" again {}\n", cmap_iter_next(map.handle, iterator, key, &length, &type));
    fmt::print("finalize {}\n", cmap_iter_finalize(map.handle, iterator));
    fmt::print("finalize again {}\n", cmap_iter_finalize(map.handle, iterator));
    fmt::print("next {}\n", cmap_iter_next(map.handle, iterator, key, &length, &type));
    fmt::print("nothing matches {}", cmap_iter_init(map.handle, "ci.nothing", &iterator));
    fmt::print(" {}\n", cmap_iter_next(map.handle, iterator, key, &length, &type));
}

void cmap_tracking() {
    Map map;
    cmap_track_handle_t exact = 0, prefix = 0, adds = 0, everything = 0, nothing = 0, bad = 0;
    const auto add = [&](const char* key, int flags, const char* name, cmap_track_handle_t& handle) {
        fmt::print("track {} '{}': {}\n", name, key ? key : "(null)",
                   cmap_track_add(map.handle, key, flags, on_notify, const_cast<char*>(name), &handle));
    };
    constexpr int all = CMAP_TRACK_ADD | CMAP_TRACK_DELETE | CMAP_TRACK_MODIFY;
    add("tr.a", all, "exact", exact);
    add("tr.", all | CMAP_TRACK_PREFIX, "prefix", prefix);
    add("tr.", CMAP_TRACK_ADD | CMAP_TRACK_PREFIX, "adds", adds);
    add("tr.unknown bits", 16 | CMAP_TRACK_ADD, "bad", bad);
    add("", all, "nothing", nothing);
    const auto events = [&](const char* what) {
        fmt::print("{}\n", what);
        cmap_dispatch(map.handle, CS_DISPATCH_ALL);
    };
    cmap_set_uint8(map.handle, "tr.a", 1);
    events("add");
    cmap_set_uint8(map.handle, "tr.a", 1);
    events("equal");
    cmap_set_uint8(map.handle, "tr.a", 2);
    events("modify");
    cmap_set_string(map.handle, "tr.a", "text");
    events("other type");
    cmap_set_string(map.handle, "tr.ab", "longer");
    events("other key");
    cmap_delete(map.handle, "tr.a");
    events("delete");
    fmt::print("untrack {}\n", cmap_track_delete(map.handle, prefix));
    fmt::print("untrack again {}\n", cmap_track_delete(map.handle, prefix));
    cmap_set_uint8(map.handle, "tr.a", 3);
    events("without prefix");
    cmap_track_delete(map.handle, exact);
    cmap_track_delete(map.handle, adds);
    add(nullptr, all | CMAP_TRACK_PREFIX, "everything", everything);
    cmap_set_uint8(map.handle, "ts.key", 3);
    cmap_delete(map.handle, "ts.key");
    events("everything");
}

void cmap_stats() {
    Map map(CMAP_MAP_STATS);
    fmt::print("open {}\n", map.opened);
    for (const char* key :
         {"stats.srp.mcast_tx", "stats.new", "stats.clear.totem", "stats.clear.ipc", "stats.clear.all",
          "stats.clear.schedmiss", "stats.clear.knet", "stats.clear.nonsense", "other.key"}) {
        refused(map, key, cmap_set_uint32(map.handle, key, 1));
    }
    for (const char* key : {"stats.srp.nonsense", "stats.ipcs.service0.1.0x1.requests", "stats.ipcs.", "totem.version",
                            "stats.knet.handle.x"})
        fmt::print("get {} {}\n", key, shown(map, key));
    fmt::print("length only: {}\n", shown(map, "stats.pg.msg_reserved", 0).substr(0, 15));
    cmap_track_handle_t track = 0;
    const auto add = [&](const char* key, int flags) {
        const auto error = cmap_track_add(map.handle, key, flags, on_notify, const_cast<char*>("stats"), &track);
        fmt::print("track '{}' {}: {}\n", key, flags, error);
        if (error == CS_OK) fmt::print("  untrack {}\n", cmap_track_delete(map.handle, track));
    };
    add("stats.ipcs.", CMAP_TRACK_PREFIX | CMAP_TRACK_ADD | CMAP_TRACK_DELETE);
    add("stats.ipcs.", CMAP_TRACK_PREFIX | CMAP_TRACK_ADD);
    add("stats.ipcs.", CMAP_TRACK_PREFIX | CMAP_TRACK_MODIFY);
    add("stats.ipcs.", CMAP_TRACK_PREFIX | CMAP_TRACK_ADD | CMAP_TRACK_DELETE | CMAP_TRACK_MODIFY);
    add("stats.srp.mcast_tx", CMAP_TRACK_MODIFY);
    add("stats.srp.mcast_tx", CMAP_TRACK_ADD);
    add("stats.srp.mcast_tx", CMAP_TRACK_ADD | CMAP_TRACK_DELETE | CMAP_TRACK_MODIFY);
    add("stats.nonsense", CMAP_TRACK_MODIFY);
    add("stats.srp.mcast_tx", 64);
}

}  // namespace calls
