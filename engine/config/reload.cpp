#include "engine/config/reload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/config/build.hpp"
#include "engine/config/logging.hpp"
#include "engine/config/reader.hpp"

namespace engine::config {
namespace {

using totem::Dialect;

// totempg-sync-services.md section 11.2. corosync exchanges keys with knet only.
constexpr std::array<std::string_view, 22> kCommon = {
    "totem.secauth",         "totem.crypto_hash",         "totem.crypto_cipher",  "totem.version",
    "totem.threads",         "totem.ip_version",          "totem.rrp_mode",       "totem.netmtu",
    "totem.nodeid",          "totem.transport",           "totem.cluster_name",   "totem.dialect",
    "quorum.provider",       "totem.clear_node_high_bit", "totem.offload",        "totem.accelerated",
    "totem.adaptive_window", "totem.early_requests",      "totem.hold_at_sender", "totem.watch_processes",
    "totem.vector_crypto",   "totem.gather_requests"};
constexpr std::array<std::string_view, 2> kOnlyV2 = {"totem.vsftype", "qb.ipc_type"};
constexpr std::array<std::string_view, 9> kOnlyV3 = {
    "totem.crypto_model",         "totem.keyfile",    "totem.key",
    "system.move_to_root_cgroup", "system.sched_rr",  "system.priority",
    "system.qb_ipc_type",         "system.state_dir", "system.allow_knet_handle_fallback"};
// Of an interface: its sockets stay as they are (11.3: link 0 is static without knet).
constexpr std::array<std::string_view, 4> kOfInterface = {"mcastaddr", "mcastport", "ttl", "broadcast"};

constexpr std::string_view kStartupPrefix = "parse error in config: ";

std::vector<std::string> unchangeable(Dialect dialect, const cmap::Map& live, const cmap::Map& fresh) {
    std::vector<std::string> keys(kCommon.begin(), kCommon.end());
    if (dialect == Dialect::v2) {
        keys.insert(keys.end(), kOnlyV2.begin(), kOnlyV2.end());
    } else {
        keys.insert(keys.end(), kOnlyV3.begin(), kOnlyV3.end());
    }
    // The native suite exchanges keys while it runs; the cipher in force decides.
    if (totem::crypto::find_aead(live.get_string("totem.crypto_cipher").value_or(""))) {
        std::erase_if(keys, [](const std::string& key) { return key == "totem.keyfile" || key == "totem.key"; });
    }
    for (const cmap::Map* map : {&live, &fresh}) {
        for (const std::string& key : map->keys("totem.interface.")) {
            const std::string_view last = std::string_view(key).substr(key.rfind('.') + 1);
            const bool of_sockets = std::find(kOfInterface.begin(), kOfInterface.end(), last) != kOfInterface.end();
            if (of_sockets && std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
        }
    }
    return keys;
}

// `generated`: the key may be in the live map without having been in the file, so its absence says nothing.
void keep(const std::string& key, const cmap::Map& live, Reload& out) {
    const cmap::Value* now = live.get(key);
    const cmap::Value* wanted = out.fresh.get(key);
    if (now == nullptr && wanted == nullptr) return;
    if (now != nullptr && wanted != nullptr && *now == *wanted) return;
    const bool generated = key.starts_with("totem.interface.") && wanted == nullptr;
    if (!generated) out.kept.push_back(key);
    if (now != nullptr) {
        out.fresh.set(key, *now);
    } else {
        out.fresh.erase(key);
    }
}

void refuse_other_identity(const ClusterConfig& running, const ClusterConfig& next) {
    if (next.local_nodeid != running.local_nodeid) {
        throw Error(fmt::format("the id of this node cannot be changed at run-time from {} to {}", running.local_nodeid,
                                next.local_nodeid));
    }
    for (std::size_t i = 0; i < std::min(running.interfaces.size(), next.interfaces.size()); ++i) {
        const auto &before = running.interfaces[i].bindnetaddr, &after = next.interfaces[i].bindnetaddr;
        if (before.same_address(after)) continue;
        throw Error(fmt::format("the address of this node cannot be changed at run-time from {} to {}", before.text(),
                                after.text()));
    }
    if (next.interfaces.size() != running.interfaces.size()) {
        throw Error(fmt::format("the number of rings cannot be changed at run-time from {} to {}",
                                running.interfaces.size(), next.interfaces.size()));
    }
}

}  // namespace

void read_again(const std::string& path, Dialect dialect, const cmap::Map& live, Reload& out) {
    const File file{path, read_file(path, dialect), dialect};
    read_again(file, live, out);
    read_uidgid_directory(uidgid_directory(file), dialect, out.fresh, out.warnings);
}

void read_again(const File& file, const cmap::Map& live, Reload& out) {
    read_config(file, out.fresh, out.warnings);
    for (const std::string& key : unchangeable(file.dialect, live, out.fresh))
        keep(key, live, out);
}

void build_again(const ClusterConfig& running, const Host& host, Reload& out) {
    try {
        out.config = build(out.fresh, running.dialect, host, out.warnings);
        refuse_other_identity(running, out.config);
        logging_settings(out.fresh, running.dialect, out.warnings);
    } catch (const Error& error) {
        std::string_view text = error.what();
        if (text.starts_with(kStartupPrefix)) text.remove_prefix(kStartupPrefix.size());
        throw Error(std::string(text), error.exit_code());
    }
}

void copy_to(cmap::Map& live, const Reload& reload, Dialect dialect) {
    std::vector<std::string_view> prefixes = {"logging.", "totem.",         "nodelist.",
                                              "quorum.",  "uidgid.config.", "metrics."};
    if (dialect == Dialect::v3) prefixes.emplace_back("nozzle.");
    for (const std::string_view prefix : prefixes) {
        for (const std::string& key : live.keys(prefix)) {
            if (!reload.fresh.contains(key)) live.erase(key);
        }
    }
    reload.fresh.for_each("", [&live](const std::string& key, const cmap::Value& value) { live.set(key, value); });
}

}  // namespace engine::config
