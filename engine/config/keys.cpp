#include "engine/config/keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <unordered_map>
#include <vector>

#include "engine/config/grammar.hpp"

namespace engine::config {
namespace {

using cmap::Type;
using cmap::Value;
using totem::Dialect;

const std::unordered_map<std::string_view, Type>& common_types() {
    static const std::unordered_map<std::string_view, Type> table = {
        {"totem.version", Type::u32},
        {"totem.config_version", Type::u64},
        {"totem.nodeid", Type::u32},
        {"totem.netmtu", Type::u32},
        {"totem.threads", Type::u32},
        {"totem.token", Type::u32},
        {"totem.token_coefficient", Type::u32},
        {"totem.token_retransmits_before_loss_const", Type::u32},
        {"totem.token_retransmit", Type::u32},
        {"totem.hold", Type::u32},
        {"totem.join", Type::u32},
        {"totem.send_join", Type::u32},
        {"totem.consensus", Type::u32},
        {"totem.merge", Type::u32},
        {"totem.downcheck", Type::u32},
        {"totem.fail_recv_const", Type::u32},
        {"totem.seqno_unchanged_const", Type::u32},
        {"totem.heartbeat_failures_allowed", Type::u32},
        {"totem.max_network_delay", Type::u32},
        {"totem.window_size", Type::u32},
        {"totem.max_messages", Type::u32},
        {"totem.miss_count_const", Type::u32},
        {"totem.rrp_problem_count_timeout", Type::u32},
        {"totem.rrp_problem_count_threshold", Type::u32},
        {"totem.rrp_problem_count_mcast_threshold", Type::u32},
        {"totem.rrp_token_expired_timeout", Type::u32},
        {"totem.rrp_autorecovery_check_timeout", Type::u32},
        {"totem.key_id", Type::u8},
        {"totem.next_key_id", Type::u8},
        {"totem.interface.ringnumber", Type::u8},
        {"totem.interface.mcastport", Type::u16},
        {"totem.interface.ttl", Type::u8},
        {"nodelist.node.nodeid", Type::u32},
        {"nodelist.node.quorum_votes", Type::u32},
        {"quorum.expected_votes", Type::u32},
        {"quorum.votes", Type::u32},
        {"quorum.two_node", Type::u8},
        {"quorum.wait_for_all", Type::u8},
        {"quorum.last_man_standing", Type::u8},
        {"quorum.last_man_standing_window", Type::u32},
        {"quorum.auto_tie_breaker", Type::u8},
        {"quorum.allow_downscale", Type::u8},
        {"quorum.expected_votes_tracking", Type::u8},
        {"quorum.leaving_timeout", Type::u32},
        {"quorum.device.votes", Type::u32},
        {"quorum.device.timeout", Type::u32},
        {"quorum.device.sync_timeout", Type::u32},
        {"quorum.device.master_wins", Type::u8},
        {"resources.watchdog_timeout", Type::u32},
    };
    return table;
}

const std::unordered_map<std::string_view, Type>& v3_types() {
    static const std::unordered_map<std::string_view, Type> table = {
        {"totem.token_warning", Type::u32},
        {"totem.knet_pmtud_interval", Type::u32},
        {"totem.knet_mtu", Type::u32},
        {"totem.knet_compression_threshold", Type::u32},
        {"totem.knet_compression_level", Type::i32},
        {"totem.interface.linknumber", Type::u8},
        {"totem.interface.knet_link_priority", Type::u8},
        {"totem.interface.knet_ping_interval", Type::u32},
        {"totem.interface.knet_ping_timeout", Type::u32},
        {"totem.interface.knet_ping_precision", Type::u32},
        {"totem.interface.knet_pong_count", Type::u32},
    };
    return table;
}

// The integer types of the tables, with their bounds as they are printed.
struct Range {
    std::int64_t min;
    std::int64_t max;
};

Range range_of(Type type) {
    switch (type) {
        case Type::u8:
            return {0, std::numeric_limits<std::uint8_t>::max()};
        case Type::u16:
            return {0, std::numeric_limits<std::uint16_t>::max()};
        case Type::i32:
            return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
        default:
            return {0, std::numeric_limits<std::uint32_t>::max()};
    }
}

Value make_integer(Type type, std::int64_t number) {
    switch (type) {
        case Type::u8:
            return static_cast<std::uint8_t>(number);
        case Type::u16:
            return static_cast<std::uint16_t>(number);
        case Type::i32:
            return static_cast<std::int32_t>(number);
        default:
            return static_cast<std::uint32_t>(number);
    }
}

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

template <class Number>
std::optional<Number> signed_text(std::string_view text) {
    if (text.starts_with('+') && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
    return whole_number<Number>(text);
}

// A negative number wraps, as upstream's does.
std::optional<std::uint64_t> unsigned_64(std::string_view text) {
    if (!text.starts_with('-')) return signed_text<std::uint64_t>(text);
    const auto magnitude = whole_number<std::uint64_t>(text.substr(1));
    return magnitude ? std::optional<std::uint64_t>(0 - *magnitude) : std::nullopt;
}

// 2.4 prints the last component only.
std::string printed_key(const std::string& key, Dialect dialect) {
    return dialect == Dialect::v3 ? key : key.substr(key.rfind('.') + 1);
}

struct Choice {
    std::string_view key;
    std::vector<std::string_view> v2, v3;  // empty: not checked in this dialect
    std::string_view v2_error, v3_error;
};

const std::vector<Choice>& choices() {
    static const std::vector<std::string_view> ipc_types = {"native", "shm", "socket"};
    static const std::vector<std::string_view> yes_no = {"yes", "no"};
    static const std::vector<Choice> table = {
        {"totem.dialect",
         {"2.x", "auto"},
         {"3.x", "auto"},
         "Invalid dialect. Should be 2.x, 3.x or auto",
         "Invalid dialect. Should be 2.x, 3.x or auto"},
        {"totem.ip_version",
         {"ipv4", "ipv6"},
         {"ipv4", "ipv6", "ipv6-4", "ipv4-6"},
         "Invalid ip_version type",
         "Invalid ip_version type"},
        {"totem.crypto_cipher",
         {"none", "aes256", "aes192", "aes128", "3des", "xchacha20", "aes256-gcm"},
         {"none", "aes256", "aes192", "aes128", "xchacha20", "aes256-gcm"},
         "Invalid cipher type",
         "Invalid cipher type. Should be none, aes256, aes192 or aes128"},
        {"totem.crypto_hash",
         {"none", "md5", "sha1", "sha256", "sha384", "sha512"},
         {"none", "md5", "sha1", "sha256", "sha384", "sha512"},
         "Invalid hash type",
         "Invalid hash type. Should be none, md5, sha1, sha256, sha384 or sha512"},
        {"totem.crypto_type", {"nss", "aes256", "aes192", "aes128", "3des"}, {}, "Invalid crypto type", ""},
        {"totem.crypto_model", {}, {"nss", "openssl"}, "", "Invalid crypto model. Should be nss or openssl"},
        {"totem.knet_compression_model",
         {},
         {"zlib", "lz4", "lz4hc", "lzo2", "lzma", "bzip2", "zstd"},
         "",
         "Invalid compression model. Should be zlib, lz4, lz4hc, lzo2, lzma, bzip2 or zstd"},
        {"qb.ipc_type", ipc_types, {}, "Invalid qb ipc_type", ""},
        {"system.qb_ipc_type", {}, ipc_types, "", "Invalid system.qb_ipc_type"},
        {"system.sched_rr", {}, yes_no, "", "Invalid system.sched_rr value"},
        {"system.move_to_root_cgroup", {}, {"yes", "no", "auto"}, "", "Invalid system.move_to_root_cgroup"},
        {"system.allow_knet_handle_fallback", {}, yes_no, "", "Invalid system.allow_knet_handle_fallback"},
    };
    return table;
}

}  // namespace

Type key_type(std::string_view key, Dialect dialect) {
    if (const auto found = common_types().find(key); found != common_types().end()) return found->second;
    if (dialect == Dialect::v3) {
        if (const auto found = v3_types().find(key); found != v3_types().end()) return found->second;
    }
    // Monitored resources may have any name.
    if (key.starts_with("resources.") && key.ends_with(".poll_period")) return Type::u64;
    return Type::string;
}

Value typed_value(const std::string& key, const std::string& text, Type type, Dialect dialect) {
    if (type == Type::string) return text;
    if (type == Type::u64) {
        if (const auto number = unsigned_64(text)) return *number;
        throw ValueError(fmt::format("Value of key \"{}\" is expected to be unsigned integer, but \"{}\" was given",
                                     printed_key(key, dialect), text));
    }
    const Range range = range_of(type);
    const auto number = signed_text<std::int64_t>(text);
    if (number && *number >= range.min && *number <= range.max) return make_integer(type, *number);
    throw ValueError(
        fmt::format("Value of key \"{}\" is expected to be integer in range ({}..{}), but \"{}\" was given",
                    printed_key(key, dialect), range.min, range.max, text));
}

void check_choice(std::string_view key, std::string_view value, Dialect dialect) {
    for (const Choice& choice : choices()) {
        if (choice.key != key) continue;
        const auto& allowed = dialect == Dialect::v3 ? choice.v3 : choice.v2;
        if (allowed.empty() || std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return;
        throw ValueError(std::string(dialect == Dialect::v3 ? choice.v3_error : choice.v2_error));
    }
}

}  // namespace engine::config
