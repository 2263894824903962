#include "pvecm/commands/quorum_view.hpp"

#include <fmt/format.h>

#include "pvecm/config/cluster.hpp"
#include "pvecm/host/cluster_key.hpp"

namespace pvecm::commands {

void warn_without_cluster(const Context& context) {
    if (in_cluster(context)) return;
    fmt::print(stderr, "Corosync config '{}' does not exist - is this node part of a cluster?\n",
               context.paths.cluster_conf());
}

void warn_of_keys(const Context& context, const tools::quorumtool::Picture& picture) {
    if (!in_cluster(context) || picture.rows.size() >= config::nodes(read_cluster_conf(context.paths)).size()) return;
    if (const auto refused = refused_packets(context)) fmt::print(stderr, "warning: {}\n", *refused);
}

std::optional<tools::quorumtool::Picture> look(const tools::quorumtool::Settings& settings) {
    tools::quorumtool::Engine engine;
    return engine.open() ? engine.picture(settings) : std::nullopt;
}

}  // namespace pvecm::commands
