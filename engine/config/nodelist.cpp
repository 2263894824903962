#include "engine/config/nodelist.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>

#include "totem/wire/derivation.hpp"

namespace engine::config {
namespace {

using Nodes = std::vector<ListedNode>;
using Found = std::optional<std::size_t>;

constexpr std::string_view kNodes = "nodelist.node.";

// "nodelist.node.12.name" to 12.
std::optional<unsigned> position_of(std::string_view key) {
    key.remove_prefix(kNodes.size());
    unsigned position = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), position);
    if (error != std::errc() || end == key.data() + key.size() || *end != '.') return std::nullopt;
    return position;
}

ListedNode listed_node(const cmap::Map& map, unsigned position, unsigned rings) {
    const std::string prefix = fmt::format("{}{}.", kNodes, position);
    ListedNode node;
    node.position = position;
    node.name = map.get_string(prefix + "name").value_or("");
    for (unsigned ring = 0; ring < rings; ++ring) {
        if (auto addr = map.get_string(fmt::format("{}ring{}_addr", prefix, ring)); addr && !addr->empty()) {
            node.ring_addr.resize(ring + 1);
            node.ring_addr[ring] = std::move(*addr);
        }
    }
    node.nodeid = map.get_number<std::uint32_t>(prefix + "nodeid").value_or(0);
    node.quorum_votes = map.get_number<std::uint32_t>(prefix + "quorum_votes").value_or(1);
    return node;
}

std::string_view until_first_dot(std::string_view name) {
    return name.substr(0, name.find('.'));
}

bool numeric(std::string_view name) {
    return totem::wire::parse_address(name).has_value();
}

template <class Matches>
Found find_name(const Nodes& nodes, const Matches& matches) {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (!nodes[i].name.empty() && matches(nodes[i].name)) return i;
        if (!nodes[i].addr(0).empty() && matches(nodes[i].addr(0))) return i;
    }
    return std::nullopt;
}

Found find_exact(const Nodes& nodes, std::string_view wanted) {
    if (wanted.empty()) return std::nullopt;
    return find_name(nodes, [wanted](std::string_view name) { return name == wanted; });
}

Found find_by_host_name(const Nodes& nodes, const std::string& host_name) {
    std::string_view wanted = host_name;
    for (;;) {
        if (const Found found = find_exact(nodes, wanted)) return found;
        const auto dot = wanted.rfind('.');
        if (dot == std::string_view::npos) break;
        wanted = wanted.substr(0, dot);
    }
    if (wanted.empty()) return std::nullopt;
    return find_name(nodes,
                     [wanted](std::string_view name) { return !numeric(name) && until_first_dot(name) == wanted; });
}

Found find_by_number(const Nodes& nodes, const std::vector<LocalAddress>& locals) {
    for (const LocalAddress& local : locals) {
        if (const Found found = find_exact(nodes, local.address.text())) return found;
    }
    return std::nullopt;
}

Found find_by_reverse_name(const Nodes& nodes, const std::vector<LocalAddress>& locals, const Host& host) {
    // Pointless, and possibly slow, when the list has numbers only.
    if (!find_name(nodes, [](std::string_view name) { return !numeric(name); })) return std::nullopt;
    for (const LocalAddress& local : locals) {
        const auto name = host.reverse(local.address);
        if (!name) continue;
        if (const Found found = find_exact(nodes, *name)) return found;
        if (const Found found = find_exact(nodes, until_first_dot(*name))) return found;
    }
    return std::nullopt;
}

Found find_by_resolving(const Nodes& nodes, const std::vector<LocalAddress>& locals, const Host& host) {
    return find_name(nodes, [&](const std::string& name) {
        const auto addresses = host.resolve(name, Family::any);
        return std::any_of(addresses.begin(), addresses.end(),
                           [&](const totem::NodeAddress& address) { return is_local(locals, address); });
    });
}

}  // namespace

const std::string& ListedNode::addr(unsigned ring) const {
    static const std::string none;
    return ring < ring_addr.size() ? ring_addr[ring] : none;
}

unsigned ListedNode::links() const {
    return static_cast<unsigned>(
        std::count_if(ring_addr.begin(), ring_addr.end(), [](const std::string& addr) { return !addr.empty(); }));
}

std::vector<ListedNode> listed_nodes(const cmap::Map& map, unsigned rings) {
    std::map<unsigned, ListedNode> nodes;
    map.for_each(kNodes, [&](const std::string& key, const cmap::Value&) {
        const auto position = position_of(key);
        if (position && !nodes.contains(*position)) nodes.emplace(*position, listed_node(map, *position, rings));
    });
    std::vector<ListedNode> result;
    result.reserve(nodes.size());
    for (auto& [position, node] : nodes)
        result.push_back(std::move(node));
    return result;
}

std::optional<std::size_t> find_local_v2(const Nodes& nodes, const Host& host, IpVersion version) {
    const auto locals = host.addresses();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const auto address = resolve_one(host, nodes[i].addr(0), version);
        if (address && is_local(locals, *address)) return i;
    }
    return std::nullopt;
}

std::optional<std::size_t> find_local_v3(const Nodes& nodes, const Host& host) {
    if (const Found found = find_by_host_name(nodes, host.name())) return found;
    const auto locals = host.addresses();
    if (const Found found = find_by_number(nodes, locals)) return found;
    if (const Found found = find_by_reverse_name(nodes, locals, host)) return found;
    return find_by_resolving(nodes, locals, host);
}

}  // namespace engine::config
