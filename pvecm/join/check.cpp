#include "pvecm/join/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pvecm/cli/formats.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/addresses.hpp"
#include "pvecm/host/files.hpp"
#include "tools/common/connection.hpp"

namespace pvecm::join {
namespace {

bool has_guests() {
    const auto list = nlohmann::json::parse(StoreClient::guests(), nullptr, false);
    return list.is_object() && list.contains("ids") && !list["ids"].empty();
}

bool engine_runs() {
    return tools::Cmap(tools::open_cmap).ok();
}

}  // namespace

std::string address_finding(const std::string& id, const std::string& host) {
    std::string address = host;
    if (!is_ip(host)) {
        try {
            address = resolve(host).front();
        } catch (const Error& error) {
            return fmt::format("{}: cannot use '{}': {}\n", id, host, error.what());
        }
    }
    const auto locals = local_addresses();
    const auto count = std::count_if(locals.begin(), locals.end(),
                                     [&](const LocalAddress& local) { return local.address == address; });
    if (count == 1) return {};
    return fmt::format("{}: cannot use IP '{}', it must be configured exactly once on local node!\n", id, address);
}

std::vector<std::string> findings(const Context& context, const std::map<std::string, std::string>& addresses) {
    std::vector<std::string> found;
    const Paths& paths = context.paths;
    if (exists(paths.authkey()))
        found.push_back(fmt::format("authentication key '{}' already exists", paths.authkey()));
    if (in_cluster(context)) found.push_back(fmt::format("cluster config '{}' already exists", paths.cluster_conf()));
    if (has_guests()) found.emplace_back("this host already contains virtual guests");
    if (engine_runs()) found.emplace_back("corosync is already running, is this node already in a cluster?!");
    for (const auto& [id, address] : addresses) {
        const std::string finding = address_finding(id, address);
        if (!finding.empty()) found.push_back(finding);
    }
    return found;
}

void require_joinable(const Context& context, const std::map<std::string, std::string>& addresses, bool force) {
    const auto found = findings(context, addresses);
    if (found.empty()) return;
    std::string text = "detected the following error(s):\n";
    for (const std::string& finding : found)
        text += fmt::format("* {}\n", finding);
    fmt::print(stderr, "{}", text);
    if (!force) throw Error("Check if node may join a cluster failed!");
    fmt::print(stderr, "\nWARNING : detected error but forced to continue!\n\n");
}

}  // namespace pvecm::join
