#include "tools/common/connection.hpp"

#include <arpa/inet.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace tools {

std::optional<std::string> get_string(cmap_handle_t cmap, const std::string& key) {
    char* text = nullptr;
    if (cmap_get_string(cmap, key.c_str(), &text) != CS_OK) return std::nullopt;
    std::string result = text;
    std::free(text);
    return result;
}

std::optional<std::uint32_t> get_uint32(cmap_handle_t cmap, const std::string& key) {
    std::uint32_t value = 0;
    if (cmap_get_uint32(cmap, key.c_str(), &value) != CS_OK) return std::nullopt;
    return value;
}

Listing list_keys(cmap_handle_t cmap, const std::string& prefix) {
    Listing listing;
    cmap_iter_handle_t iterator = 0;
    listing.error = cmap_iter_init(cmap, prefix.empty() ? nullptr : prefix.c_str(), &iterator);
    if (listing.error != CS_OK) return listing;
    std::array<char, CMAP_KEYNAME_MAXLEN + 1> name{};
    Key key{};
    cs_error_t error = CS_OK;
    while ((error = cmap_iter_next(cmap, iterator, name.data(), &key.length, &key.type)) == CS_OK) {
        key.name = name.data();
        listing.keys.push_back(key);
    }
    cmap_iter_finalize(cmap, iterator);
    if (error != CS_ERR_NO_SECTIONS) listing.error = error;
    return listing;
}

std::vector<ListedNode> listed_nodes(cmap_handle_t cmap, cs_error_t& error) {
    const Listing listing = list_keys(cmap, "nodelist.node.");
    error = listing.error;
    std::vector<ListedNode> nodes;
    for (const Key& key : listing.keys) {
        unsigned position = 0;
        int end = 0;
        if (std::sscanf(key.name.c_str(), "nodelist.node.%u.nodeid%n", &position, &end) != 1) continue;
        if (end == 0 || key.name.size() != static_cast<std::size_t>(end)) continue;
        if (const auto nodeid = get_uint32(cmap, key.name)) nodes.push_back({position, *nodeid});
    }
    return nodes;
}

bool speaks_2x(cmap_handle_t cmap) {
    return get_string(cmap, "totem.dialect") == "2.x";
}

cs_error_t node_addresses(corosync_cfg_handle_t cfg, std::uint32_t nodeid,
                          std::vector<corosync_cfg_node_address_t>& addresses) {
    constexpr int most = 16;  // more than either dialect has links
    addresses.assign(most, {});
    int count = 0;
    const cs_error_t error = corosync_cfg_get_node_addrs(cfg, nodeid, most, &count, addresses.data());
    addresses.resize(error == CS_OK && count > 0 ? static_cast<std::size_t>(count) : 0);
    return error;
}

std::string numeric(const corosync_cfg_node_address_t& address) {
    sockaddr_storage storage{};
    std::memcpy(&storage, address.address, sizeof address.address);
    std::array<char, INET6_ADDRSTRLEN> text{};
    const auto* raw = reinterpret_cast<const char*>(&storage);
    const std::size_t offset =
        storage.ss_family == AF_INET6 ? offsetof(sockaddr_in6, sin6_addr) : offsetof(sockaddr_in, sin_addr);
    if (inet_ntop(storage.ss_family, raw + offset, text.data(), text.size()) == nullptr) return {};
    return text.data();
}

}  // namespace tools
