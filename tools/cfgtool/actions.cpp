#include "tools/cfgtool/actions.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "tools/cfgtool/failure.hpp"
#include "tools/cfgtool/status.hpp"
#include "tools/common/connection.hpp"
#include "tools/common/program.hpp"

namespace tools::cfgtool {
namespace {

// False after having said why.
bool read_status(const Cfg& cfg, const Cmap& cmap, ClusterStatus& status) {
    cs_error_t error = corosync_cfg_local_get(cfg.get(), &status.local);
    if (error != CS_OK) {
        complain("Could not get the local node id, the error is: {}", static_cast<int>(error));
        return false;
    }
    status.transport = get_string(cmap.get(), "totem.transport").value_or("knet");
    std::vector<ListedNode> listed = listed_nodes(cmap.get(), error);
    if (error != CS_OK || listed.empty()) {
        if (error != CS_OK) {
            complain("Could not get nodelist from cmap. error {}", static_cast<int>(error));
        } else {
            complain("No nodes found in nodelist");
        }
        return false;
    }
    std::sort(listed.begin(), listed.end(), [](const auto& a, const auto& b) { return a.nodeid < b.nodeid; });
    for (const ListedNode& node : listed) {
        corosync_cfg_node_status_v1 state{};
        error = corosync_cfg_node_status_get(cfg.get(), node.nodeid, CFG_NODE_STATUS_V1, &state);
        if (error != CS_OK) {
            complain("Could not get the node status for nodeid {}, the error is: {}", node.nodeid,
                     static_cast<int>(error));
            return false;
        }
        state.nodeid = node.nodeid;
        status.nodes.push_back(state);
    }
    for (unsigned link = 0; link < CFG_MAX_LINKS; ++link) {
        const auto protocol = get_string(cmap.get(), fmt::format("totem.interface.{}.knet_transport", link));
        if (protocol) status.protocols[link] = *protocol;
    }
    return true;
}

template <class Show>
int with_status(bool json, Show show) {
    const Cfg cfg(open_cfg);
    if (!cfg.ok()) return refuse(cfg);
    const Cmap cmap(open_cmap);
    if (!cmap.ok()) return complain("Could not initialize corosync cmap API error {}", static_cast<int>(cmap.error));
    ClusterStatus status;
    if (!read_status(cfg, cmap, status)) return 1;
    if (json) {
        print_json(json_of(status));
    } else {
        fmt::print("Local node ID {}, transport {}\n{}", status.local, status.transport, show(status));
    }
    return 0;
}

}  // namespace

bool engine_speaks_2x() {
    const Cmap cmap(open_cmap);
    return cmap.ok() && speaks_2x(cmap.get());
}

int show_status(bool brief, bool json) {
    return with_status(json, [brief](const ClusterStatus& status) { return links_text(status, brief); });
}

int show_nodes(bool json) {
    return with_status(json, nodes_text);
}

int reload(bool json) {
    if (!json) fmt::print("Reloading corosync.conf...\n");
    const Cfg cfg(open_cfg);
    if (!cfg.ok()) return complain("{} {}", no_cfg, cs_strerror(cfg.error));
    const cs_error_t error = corosync_cfg_reload_config(cfg.get());
    if (error != CS_OK) {
        complain("Could not reload configuration. Error {}", cs_strerror(error));
        return static_cast<int>(error);
    }
    if (json) {
        print_json({{"reloaded", true}});
    } else {
        fmt::print("Done\n");
    }
    return 0;
}

int reopen_logs() {
    const Cfg cfg(open_cfg);
    if (!cfg.ok()) return complain("{} {}", no_cfg, cs_strerror(cfg.error));
    const cs_error_t error = corosync_cfg_reopen_log_files(cfg.get());
    if (error == CS_OK) return 0;
    complain("Could not reopen corosync logging files. Error {}", cs_strerror(error));
    return static_cast<int>(error);
}

int kill_node(std::uint32_t nodeid) {
    fmt::print("Killing node {}\n", nodeid);
    const Cfg cfg(open_cfg);
    if (!cfg.ok()) return refuse(cfg);
    const cs_error_t error = corosync_cfg_kill_node(cfg.get(), nodeid, "Killed by corosync-cfgtool");
    if (error == CS_OK) return 0;
    if (engine_speaks_2x()) return complain("Could not kill node (error = {})", static_cast<int>(error));
    return complain("Could not kill node (error = {})", cs_strerror(error));
}

int show_addresses(std::uint32_t nodeid, bool json) {
    const Cfg cfg(open_cfg);
    if (!cfg.ok()) return refuse(cfg);
    std::vector<corosync_cfg_node_address_t> addresses;
    const cs_error_t error = node_addresses(cfg.get(), nodeid, addresses);
    if (error != CS_OK) {
        if (engine_speaks_2x()) return 0;
        return complain("Could not get node address for nodeid {}", static_cast<std::int32_t>(nodeid));
    }
    std::vector<std::string> texts(addresses.size());
    std::transform(addresses.begin(), addresses.end(), texts.begin(), numeric);
    if (json) {
        print_json({{"nodeid", nodeid}, {"addresses", texts}});
    } else {
        fmt::print("{}\n", fmt::join(texts, " "));
    }
    return 0;
}

int shut_down(bool force) {
    const Cfg cfg(open_cfg);
    if (!cfg.ok()) return refuse(cfg);
    fmt::print("Shutting down corosync\n");
    std::fflush(stdout);
    const auto flags = force ? COROSYNC_CFG_SHUTDOWN_FLAG_REGARDLESS : COROSYNC_CFG_SHUTDOWN_FLAG_REQUEST;
    cs_error_t error = CS_OK;
    for (int attempt = 0; attempt < 30; ++attempt) {
        error = corosync_cfg_try_shutdown(cfg.get(), flags);
        if (error != CS_ERR_TRY_AGAIN) break;
        ::sleep(1);
    }
    // The exit code is the original's.
    if (error != CS_OK) complain("Could not shutdown (error = {})", static_cast<int>(error));
    return 0;
}

}  // namespace tools::cfgtool
