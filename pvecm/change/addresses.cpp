#include "pvecm/change/addresses.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

#include "pvecm/cli/formats.hpp"
#include "pvecm/config/cluster.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/addresses.hpp"
#include "pvecm/host/remote.hpp"

namespace pvecm::change {
namespace {

using Names = std::vector<std::string>;
using Links = std::map<unsigned, std::string>;

// Those that the node did not have before.
Links fresh_addresses(const config::Node& node, const config::Section& before) {
    const auto old = config::find_node(before, node.name);
    Links fresh;
    for (const auto& [link, address] : node.addresses) {
        const bool known =
            old && std::any_of(old->addresses.begin(), old->addresses.end(),
                               [&, &wanted = address](const auto& each) { return each.second == wanted; });
        if (!known) fresh[link] = address;
    }
    return fresh;
}

// "2: eth0    inet 10.1.0.2/24 brd ..."
bool lists(const std::string& printed, const std::string& address) {
    const std::string exact = address + (is_ipv6(address) ? "/128" : "/32");
    std::istringstream words(printed);
    for (std::string word; words >> word;) {
        if (word != "inet" && word != "inet6") continue;
        words >> word;
        if (in_network(word.substr(0, word.find('/')), exact)) return true;
    }
    return false;
}

std::string not_checked(const std::string& node, const Links& addresses, const std::string& why) {
    Names names;
    for (const auto& [link, address] : addresses)
        names.push_back(address);
    return fmt::format("not checked whether '{}' has {}: {}", node, fmt::join(names, ", "), why);
}

Names look(const std::string& node, const Links& addresses, const std::string& printed) {
    Names found;
    for (const auto& [link, address] : addresses) {
        const std::string number = is_ip(address) ? address : resolve(address).front();
        if (!lists(printed, number))
            found.push_back(
                fmt::format("ring{}: cannot use IP '{}', it is not configured on node '{}'", link, number, node));
    }
    return found;
}

}  // namespace

std::string ask_over_ssh(const ClusterInfo::Member& member) {
    if (member.address.empty()) throw Error("its address is not known");
    return Remote(member.address).run({"ip", "-o", "address"});
}

Names address_findings(const Plan& plan, const std::string& own, const ClusterInfo& cluster, const AskAddresses& ask) {
    const auto before = config::parse(plan.before, "before");
    Names found;
    for (const config::Node& node : config::nodes(config::parse(plan.after, "new"))) {
        const Links fresh = fresh_addresses(node, before);
        if (fresh.empty() || node.name == own) continue;
        const auto member = cluster.members.find(node.name);
        if (member == cluster.members.end() || !member->second.online) {
            found.push_back(not_checked(node.name, fresh, "it is not online"));
            continue;
        }
        try {
            const Names missing = look(node.name, fresh, ask(member->second));
            found.insert(found.end(), missing.begin(), missing.end());
        } catch (const Error& error) {
            found.push_back(not_checked(node.name, fresh, error.what()));
        }
    }
    return found;
}

}  // namespace pvecm::change
