#include "pvecm/config/effects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/config/build.hpp"
#include "engine/config/reload.hpp"
#include "pvecm/config/node_view.hpp"

namespace pvecm::config {
namespace {

using engine::cmap::Map;
using engine::config::File;

// Read when the engine starts, and reloading says nothing about them.
constexpr std::array<const char*, 7> kReadAtStart = {
    "quorum.wait_for_all",           "quorum.last_man_standing",     "quorum.last_man_standing_window",
    "quorum.auto_tie_breaker",       "quorum.auto_tie_breaker_node", "quorum.allow_downscale",
    "quorum.expected_votes_tracking"};

// What packets look like and where they go.
constexpr std::array<std::string_view, 13> kOfPackets = {
    "totem.secauth",    "totem.crypto_hash", "totem.crypto_cipher", "totem.crypto_model", "totem.version",
    "totem.ip_version", "totem.transport",   "totem.cluster_name",  "totem.dialect",      "totem.keyfile",
    "totem.key",        "totem.rrp_mode",    "totem.netmtu"};

bool is_of_packets(const std::string& key) {
    return key.starts_with("totem.interface.") ||
           std::find(kOfPackets.begin(), kOfPackets.end(), key) != kOfPackets.end();
}

bool is_key(const std::string& key) {
    return key == "totem.keyfile" || key == "totem.key";
}

Map map_of(const File& file) {
    Map map;
    std::vector<std::string> ignored;
    read_map(file, map, ignored);
    return map;
}

bool differ(const Map& a, const Map& b, const std::string& key) {
    const auto *one = a.get(key), *other = b.get(key);
    if (one == nullptr || other == nullptr) return one != other;
    return !(*one == *other);
}

class Comparison {
public:
    Comparison(const std::string& before, const std::string& after)
        : before_(file_of(before, "corosync.conf")), after_(file_of(after, "corosync.conf")) {}

    NodeEffect of(const Node& before, const Node& after) const {
        NodeEffect result{.node = after.name};
        if (before_.dialect != after_.dialect) {
            add(result, "the dialect of the file is another one", true);
            result.refuses = true;
        } else if (is_knet(before_) || is_knet(after_)) {
            reload_knet(before, after, result);
        } else {
            reload(before, after, result);
        }
        const Map old = map_of(before_), fresh = map_of(after_);
        for (const char* const key : kReadAtStart) {
            if (differ(old, fresh, key)) add(result, fmt::format("{} is read at start only", key), false);
        }
        return result;
    }

private:
    static void add(NodeEffect& result, const std::string& reason, bool apart) {
        result.effect = Effect::restart;
        result.reasons.push_back(reason);
        result.apart = result.apart || apart;
    }

    // As the engine of that node does it.
    void reload(const Node& before, const Node& after, NodeEffect& result) const {
        Map live = map_of(before_);
        const bool new_key = differ(live, map_of(after_), "totem.key") || differ(live, map_of(after_), "totem.keyfile");
        leave_out_keys(live);
        NodeHost host(before);
        engine::config::Reload next;
        std::vector<std::string> ignored;
        try {
            const auto running = engine::config::build(live, before_.dialect, host, ignored);
            host.add_addresses(after);
            engine::config::read_again(after_, live, next);
            add_kept(next.kept, new_key, result);
            leave_out_keys(next.fresh);
            engine::config::build_again(running, host, next);
        } catch (const engine::config::Error& refused) {
            add(result, refused.what(), true);
            result.refuses = true;
        }
    }

    // Links of corosync 3 come and go while it runs, but none of them moves.
    void reload_knet(const Node& before, const Node& after, NodeEffect& result) const {
        const Map live = map_of(before_);
        engine::config::Reload next;
        engine::config::read_again(after_, live, next);
        add_kept(next.kept, differ(live, next.fresh, "totem.key"), result);
        for (const auto& [link, address] : after.addresses) {
            const auto old = before.addresses.find(link);
            if (old != before.addresses.end() && old->second != address)
                add(result,
                    fmt::format("the address of link {} cannot be changed at run-time from {} to {}", link, old->second,
                                address),
                    true);
        }
    }

    static void add_kept(const std::vector<std::string>& kept, bool new_key, NodeEffect& result) {
        for (const std::string& key : kept) {
            if (is_key(key) && !new_key) continue;
            add(result, fmt::format("{} cannot be changed at run-time", key), is_of_packets(key));
        }
    }

    const File before_, after_;
};

}  // namespace

std::vector<NodeEffect> effects(const std::string& before, const std::string& after) {
    const Comparison comparison(before, after);
    const Section old_root = parse(before, "corosync.conf"), new_root = parse(after, "corosync.conf");
    std::vector<NodeEffect> result;
    for (const Node& node : nodes(new_root)) {
        const auto old = find_node(old_root, node.name);
        result.push_back(old ? comparison.of(*old, node) : NodeEffect{.node = node.name, .effect = Effect::joins});
    }
    for (const Node& node : nodes(old_root)) {
        if (!find_node(new_root, node.name)) result.push_back({.node = node.name, .effect = Effect::leaves});
    }
    return result;
}

const char* name_of(Effect effect) {
    switch (effect) {
        case Effect::live:
            return "live";
        case Effect::restart:
            return "restart";
        case Effect::joins:
            return "joins";
        case Effect::leaves:
            return "leaves";
    }
    return "";
}

}  // namespace pvecm::config
