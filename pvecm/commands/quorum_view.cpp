#include "pvecm/commands/quorum_view.hpp"

#include <fmt/format.h>

namespace pvecm::commands {

void warn_without_cluster(const Context& context) {
    if (in_cluster(context)) return;
    fmt::print(stderr, "Corosync config '{}' does not exist - is this node part of a cluster?\n",
               context.paths.cluster_conf());
}

std::optional<tools::quorumtool::Picture> look(const tools::quorumtool::Settings& settings) {
    tools::quorumtool::Engine engine;
    return engine.open() ? engine.picture(settings) : std::nullopt;
}

}  // namespace pvecm::commands
