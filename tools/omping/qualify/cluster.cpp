#include "tools/omping/qualify/cluster.hpp"

#include <fmt/format.h>

#include "engine/config/build.hpp"
#include "engine/config/host.hpp"
#include "engine/config/reader.hpp"
#include "totem/wire/derivation.hpp"

namespace tools::omping::qualify {
namespace {

Cluster of_name(const std::string& name, unsigned ring, bool ipv6) {
    Cluster out;
    out.source = fmt::format("cluster name {}", name);
    out.name = name;
    out.group = ipv6 ? totem::wire::multicast_ipv6(name, ring) : totem::wire::multicast_ipv4(name, ring);
    out.port = totem::wire::default_port(totem::Dialect::v2, ring, false);
    return out;
}

Cluster of_file(const std::string& path, unsigned ring) {
    namespace config = engine::config;
    engine::config::ClusterConfig read;
    try {
        std::vector<std::string> warnings;
        engine::cmap::Map map;
        const config::File file = config::open_file(path);
        config::read_config(file, map, warnings);
        read = config::build(map, file.dialect, config::SystemHost(), warnings);
    } catch (const config::Error& error) {
        throw Failure(fmt::format("{}: {}", path, error.what()));
    }
    if (ring >= read.interfaces.size()) throw Failure(fmt::format("{} has no ring {}", path, ring));
    const config::Interface& interface = read.interfaces[ring];
    Cluster out;
    out.source = path;
    out.name = read.cluster_name;
    out.port = interface.port;
    out.broadcast = interface.broadcast;
    out.needs_group = read.transport == config::Transport::udp;
    if (out.needs_group && !out.broadcast) out.group = interface.group.text();
    for (const config::Node& node : read.nodes) {
        if (ring < node.ring_addr.size()) out.hosts.push_back(node.ring_addr[ring]);
    }
    out.token_ms = read.parameters.token;
    out.netmtu = read.netmtu;
    out.window = read.parameters.window_size;
    return out;
}

}  // namespace

Cluster find_cluster(const QualifyOptions& options, bool ipv6) {
    Cluster out;
    if (!options.cluster.empty()) out = of_name(options.cluster, options.ring, ipv6);
    if (!options.conf.empty()) out = of_file(options.conf, options.ring);
    if (options.netmtu) out.netmtu = *options.netmtu;
    if (options.token) out.token_ms = options.token;
    return out;
}

void apply(const Cluster& cluster, Options& options) {
    if (options.group.empty()) options.group = cluster.group;
    if (!options.port) options.port = cluster.port;
    if (options.hosts.empty()) options.hosts = cluster.hosts;
    if (cluster.broadcast) options.method = Method::broadcast;
    if (options.hosts.empty()) {
        throw usage_failure(fmt::format("{} names no nodes; give the hosts", cluster.source));
    }
}

std::uint32_t default_token_ms(std::size_t nodes) {
    constexpr std::uint32_t kToken = 1000, kCoefficient = 650;
    return kToken + (nodes > 2 ? static_cast<std::uint32_t>(nodes - 2) * kCoefficient : 0);
}

}  // namespace tools::omping::qualify
