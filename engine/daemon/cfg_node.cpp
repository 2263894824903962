#include "engine/daemon/cfg_node.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace engine {

using totem::Dialect;
using totem::NodeAddress;

namespace {

constexpr char kShutdownTimeout[] = "cfg.shutdown_timeout";
constexpr std::uint32_t kDefaultSeconds = 5;

void append_known(std::vector<NodeAddress>& out, std::span<const NodeAddress> addresses) {
    for (const NodeAddress& address : addresses) {
        if (address.family != NodeAddress::kUnused) out.push_back(address);
    }
}

}  // namespace

std::vector<NodeAddress> addresses_of(const totem::Identity& node, const config::ClusterConfig& config) {
    std::vector<NodeAddress> out;
    append_known(out, node.addr);
    for (const config::Node& listed : config.nodes) {
        if (out.empty() && listed.nodeid == node.nodeid) append_known(out, listed.address);
    }
    return out;
}

std::vector<NodeAddress> NodeAdministration::addresses(NodeId node) const {
    const auto& self = parts_.ring.self();
    if (self.nodeid == node) return addresses_of(self, parts_.config.config());
    const auto members = parts_.ring.members();
    const auto member =
        std::find_if(members.begin(), members.end(), [node](const auto& m) { return m.nodeid == node; });
    return addresses_of(member != members.end() ? *member : totem::Identity::v3(node), parts_.config.config());
}

std::vector<ipc::CfgNode::Ring> NodeAdministration::rings() const {
    std::vector<Ring> out;
    const bool v2 = parts_.config.config().dialect == Dialect::v2;
    for (const NodeAddress& address : addresses(parts_.ring.self().nodeid)) {
        const auto number = static_cast<unsigned>(out.size());
        if (v2) {
            if (number == parts_.redundancy.networks()) break;
            out.push_back({address.text(), describe(parts_.redundancy.status(number), number, address.text())});
        } else {
            out.push_back({fmt::format("{} {}", number, address.text()), "OK"});
        }
    }
    return out;
}

ipc::CfgNode::Status NodeAdministration::status(NodeId node) const {
    Status out;
    const auto members = parts_.ring.members();
    out.reachable = std::any_of(members.begin(), members.end(), [node](const auto& m) { return m.nodeid == node; });
    if (const auto known = addresses(node); !known.empty())
        out.link = Link{out.reachable, parts_.mtu, known.front().text()};
    return out;
}

// The unit depends on the dialect (section 8.5).
std::chrono::milliseconds NodeAdministration::shutdown_timeout() const {
    const bool v2 = parts_.config.config().dialect == Dialect::v2;
    const std::uint32_t scale = v2 ? 1000 : 1;
    const auto configured = parts_.map.get_number<std::uint32_t>(kShutdownTimeout);
    return std::chrono::milliseconds(std::uint64_t{scale} *
                                     configured.value_or(v2 ? kDefaultSeconds : 1000 * kDefaultSeconds));
}

ipc::CsError NodeAdministration::reopen_logs() {
    return parts_.reopen_logs && !parts_.reopen_logs() ? ipc::kCsLibrary : ipc::kCsOk;
}

}  // namespace engine
