#include "engine/config/build.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "engine/config/crypto.hpp"
#include "engine/config/draft.hpp"
#include "engine/config/fast_paths.hpp"
#include "engine/config/interfaces.hpp"
#include "engine/config/metrics.hpp"
#include "engine/config/publish.hpp"
#include "engine/config/quorum.hpp"
#include "engine/config/rrp.hpp"
#include "engine/config/scalars.hpp"
#include "engine/config/unsupported.hpp"
#include "engine/config/validate.hpp"

namespace engine::config {
namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

}  // namespace

ClusterConfig build(cmap::Map& map, totem::Dialect dialect, const Host& host, std::vector<std::string>& warnings) {
    Draft draft{.map = map, .host = host, .warnings = warnings};
    draft.config.dialect = dialect;
    draft.config.state_dir = state_directory(map, dialect);

    read_scalars(draft);
    draft.config.protection = crypto_settings(map, dialect);
    find_local_node(draft);
    build_interfaces(draft);
    build_nodes(draft);
    draft.config.quorum = read_quorum(map, dialect);
    draft.config.parameters = totem::srp::derive(draft.config.settings, dialect, scaling_members(draft.config));
    draft.config.rrp_parameters = read_rrp_parameters(map, draft.config.parameters.token_retransmit);
    draft.config.metrics_listen = read_metrics(map);
    draft.config.fast_paths = read_fast_paths(map);
    warn_about_unused(draft);

    // Before the checks: a missing or short key file is what administrators are told of first (section 14.3).
    if (draft.config.protection.enabled()) {
        read_keys(map, dialect, draft.config.protection, warnings);
    }
    validate(draft);
    if (!draft.v3()) draft.config.rrp_mode = read_rrp_mode(map);
    refuse_unsupported(draft);
    if (dialect == totem::Dialect::v2 && draft.config.local_node) {
        map.make_read_only(fmt::format("nodelist.node.{}.ring0_addr", draft.listed[*draft.config.local_node].position),
                           cmap::Scope::exact);
    }
    publish_parameters(draft.config, map);
    return std::move(draft.config);
}

std::string state_directory(const cmap::Map& map, totem::Dialect dialect) {
    if (dialect == totem::Dialect::v2) {
        if (auto directory = environment("COROSYNC_RUN_DIR"); !directory.empty()) return directory;
    } else if (const auto directory = map.get_string("system.state_dir")) {
        return *directory;
    }
    // systemd's StateDirectory=; of several the first.
    if (const auto directories = environment("STATE_DIRECTORY"); !directories.empty()) {
        return directories.substr(0, directories.find(':'));
    }
    return "/var/lib/corosync";
}

}  // namespace engine::config
