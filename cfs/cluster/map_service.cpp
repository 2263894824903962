#include "cfs/cluster/map_service.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>

namespace cfs::cluster {
namespace {

constexpr const char* kNodes = "nodelist.node.";
constexpr const char* kVersion = "totem.config_version";
constexpr const char* kName = "totem.cluster_name";
constexpr std::int32_t kAnyChange = CMAP_TRACK_ADD | CMAP_TRACK_DELETE | CMAP_TRACK_MODIFY;

std::optional<std::string> get_string(cmap_handle_t handle, const char* key) {
    char* text = nullptr;
    if (cmap_get_string(handle, key, &text) != CS_OK) return std::nullopt;
    const std::unique_ptr<char, decltype(&std::free)> owner(text, std::free);
    return std::string(text);
}

// The number behind "nodelist.node.", and what comes behind that.
std::optional<std::pair<unsigned, std::string_view>> node_key(std::string_view key) {
    key.remove_prefix(std::string_view(kNodes).size());
    unsigned number = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
    const auto used = static_cast<std::size_t>(end - key.data());
    if (error != std::errc() || used == key.size() || key[used] != '.') return std::nullopt;
    return std::pair(number, key.substr(used + 1));
}

struct Node {
    std::uint32_t id = 0;
    std::string name, address;
};

std::map<unsigned, Node> read_nodes(cmap_handle_t handle) {
    std::map<unsigned, Node> nodes;
    cmap_iter_handle_t keys = 0;
    if (cmap_iter_init(handle, kNodes, &keys) != CS_OK) return nodes;
    std::array<char, CMAP_KEYNAME_MAXLEN + 1> key{};
    while (cmap_iter_next(handle, keys, key.data(), nullptr, nullptr) == CS_OK) {
        const auto place = node_key(key.data());
        if (!place) continue;
        Node& node = nodes[place->first];
        if (place->second == "nodeid") cmap_get_uint32(handle, key.data(), &node.id);
        if (place->second == "name") node.name = get_string(handle, key.data()).value_or("");
        if (place->second == "ring0_addr") node.address = get_string(handle, key.data()).value_or("");
    }
    cmap_iter_finalize(handle, keys);
    return nodes;
}

}  // namespace

void MapService::notified(cmap_handle_t, cmap_track_handle_t, std::int32_t, const char*, cmap_notify_value,
                          cmap_notify_value, void* self) {
    static_cast<MapService*>(self)->stale_ = true;
}

int MapService::open() {
    cs_error_t error = cmap_initialize(&handle_);
    if (error != CS_OK) {
        report_failure("cmap_initialize", error);
        return -1;
    }
    const auto track = [this](const char* key, std::int32_t what) {
        cmap_track_handle_t track_handle = 0;
        return cmap_track_add(handle_, key, what, &notified, this, &track_handle);
    };
    int fd = -1;
    if (error = cmap_fd_get(handle_, &fd); error != CS_OK) {
        report_failure("cmap_fd_get", error);
    } else if ((error = track(kNodes, kAnyChange | CMAP_TRACK_PREFIX)) != CS_OK ||
               (error = track(kVersion, kAnyChange)) != CS_OK) {
        report_failure("cmap_track_add", error);
    } else {
        stale_ = true;
        return fd;
    }
    close();
    return -1;
}

cs_error_t MapService::handle_events() {
    const cs_error_t error = cmap_dispatch(handle_, CS_DISPATCH_ALL);
    // A reload changes many keys: read once for all of them.
    if ((error == CS_OK || error == CS_ERR_TRY_AGAIN) && stale_) read();
    return error;
}

void MapService::close() {
    cmap_finalize(handle_);
}

void MapService::read() {
    stale_ = false;
    replica::ClusterInfo info;
    if (const cs_error_t error = cmap_get_uint64(handle_, kVersion, &info.version); error != CS_OK)
        observer_.report(Severity::critical, fmt::format("cmap_get {} failed {}", kVersion, static_cast<int>(error)));
    const auto name = get_string(handle_, kName);
    if (!name) {
        observer_.report(Severity::critical, fmt::format("cmap_get {} failed", kName));
        return;
    }
    info.name = *name;
    for (auto& [number, node] : read_nodes(handle_)) {
        std::string& called = node.name.empty() ? node.address : node.name;
        if (node.id != 0 && !called.empty()) info.nodes.push_back({node.id, std::move(called)});
    }
    changed_(std::move(info));
}

}  // namespace cfs::cluster
