#include "engine/config/unsupported.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/config/error.hpp"

namespace engine::config {
namespace {

struct Unused {
    std::string_view prefix;  // of keys; one that ends in '.' or '_' stands for all that follow
    bool v2, v3;              // dialects in which it has no effect
    std::string_view why;
};

constexpr std::array kUnused = {
    Unused{"totem.threads", true, true, "totemd sends from one thread"},
    Unused{"totem.knet_", true, true, "it belongs to transport knet"},
    Unused{"totem.ip_dscp", true, true, "totemd leaves the traffic class of its packets alone"},
    Unused{"totem.link_mode", true, true, "it belongs to transport knet"},
    Unused{"totem.rrp_", false, true, "dialect 3.x has no redundant ring protocol"},
    Unused{"totem.crypto_model", true, true, "totemd always uses OpenSSL"},
    Unused{"totem.token_warning", true, false, "it belongs to dialect 3.x"},
    Unused{"system.", true, false, "it belongs to dialect 3.x; use totemd's options"},
    Unused{"system.allow_knet_handle_fallback", false, true, "it belongs to transport knet"},
    Unused{"qb.", false, true, "it belongs to dialect 2.x; use system.qb_ipc_type"},
    Unused{"pload.", true, true, "the section is not read; the load generator is set through cmap"},
    Unused{"nozzle.", true, true, "it belongs to transport knet"},
    Unused{"quorum.leaving_timeout", true, true, "it never had one"},
    Unused{"logging.blackbox", true, true, "totemd keeps no black box yet"},
};

bool covers(std::string_view prefix, std::string_view key) {
    return prefix.ends_with('.') || prefix.ends_with('_') ? key.starts_with(prefix) : key == prefix;
}

// Keys of an interface that mean nothing without knet, in the dialect's own numbering.
bool unused_interface_key(const Draft& draft, std::string_view key) {
    const auto last = key.substr(key.rfind('.') + 1);
    return last.starts_with("knet_") || last == (draft.v3() ? "ringnumber" : "linknumber");
}

void warn_about_odd_booleans(Draft& draft) {
    constexpr std::array<std::string_view, 3> kYesNo = {"block_unlisted_ips", "cancel_token_hold_on_retransmit",
                                                        "clear_node_high_bit"};
    for (const std::string_view name : kYesNo) {
        const auto value = draft.map.get_string(fmt::format("totem.{}", name));
        if (value && *value != "yes" && *value != "no") {
            draft.warnings.push_back(
                fmt::format("totem.{} is neither yes nor no but '{}': its default is used.", name, *value));
        }
    }
}

// totempg needs room beside its headers (totem-wire.md section 8); above, datagrams would not be accepted
// (2.x) or cannot be sent (3.x).
void refuse_odd_mtu(const Draft& draft) {
    constexpr std::uint32_t kSmallest = 576, kLargestV2 = 10000, kLargestV3 = 65000;
    const std::uint32_t largest = draft.v3() ? kLargestV3 : kLargestV2;
    if (draft.config.netmtu >= kSmallest && draft.config.netmtu <= largest) return;
    throw validation_error(
        fmt::format("netmtu {} is out of range, it must be {} to {}.", draft.config.netmtu, kSmallest, largest));
}

void refuse_resource_actions(const cmap::Map& map) {
    const std::string device = map.get_string("resources.watchdog_device").value_or("off");
    if (!device.empty() && device != "off") {
        throw validation_error("totemd does not serve a watchdog: remove resources.watchdog_device.");
    }
    for (const std::string& key : map.keys("resources.")) {
        if (!key.ends_with(".recovery")) continue;
        throw validation_error(fmt::format("totemd does not watch resources: remove {}.", key));
    }
}

}  // namespace

void warn_about_unused(Draft& draft) {
    for (const std::string& key : draft.map.keys()) {
        const auto rule = std::find_if(kUnused.begin(), kUnused.end(), [&](const Unused& unused) {
            return (draft.v3() ? unused.v3 : unused.v2) && covers(unused.prefix, key);
        });
        if (rule != kUnused.end()) {
            draft.warnings.push_back(fmt::format("{} has no effect: {}.", key, rule->why));
        } else if (key.starts_with("totem.interface.") && unused_interface_key(draft, key)) {
            draft.warnings.push_back(fmt::format("{} has no effect with transport udp or udpu.", key));
        }
    }
    warn_about_odd_booleans(draft);
}

void refuse_unsupported(const Draft& draft) {
    refuse_odd_mtu(draft);
    refuse_resource_actions(draft.map);
}

}  // namespace engine::config
