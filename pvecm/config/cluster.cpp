#include "pvecm/config/cluster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/config/dialect.hpp"
#include "pvecm/cli/formats.hpp"
#include "pvecm/error.hpp"

namespace pvecm::config {
namespace {

constexpr unsigned kMostLinks = 8;
constexpr long kTokenCoefficient = 125;  // what pve-cluster 9 writes

std::string address_key(unsigned link) {
    return fmt::format("ring{}_addr", link);
}

// Links that a file of the form p5 can have, and that fit together.
void check_rings(const NewCluster& cluster) {
    for (const auto& [number, link] : cluster.links) {
        if (number > 1) throw Error(fmt::format("link{}: more than two links need '--transport knet'", number));
        if (link.priority != 0) throw Error(fmt::format("link{}: a priority needs '--transport knet'", number));
    }
    if (cluster.links.count(0) == 0) throw Error("link0: without '--transport knet' the first link has to be link 0");
    for (const auto& [number, bind] : cluster.bind_addresses) {
        if (cluster.links.count(number) == 0)
            throw Error(fmt::format("Param bindnet{0}_addr set but ring{0}_addr not specified!", number));
    }
    const bool ipv6 = is_ipv6(cluster.links.at(0).address);
    for (const auto& [number, link] : cluster.links) {
        const auto bind = cluster.bind_addresses.find(number);
        const bool bind_fits = bind == cluster.bind_addresses.end() || is_ipv6(bind->second) == ipv6;
        if (is_ipv6(link.address) == ipv6 && bind_fits) continue;
        throw Error(number == 0 ? "ring 0 addresses must be from same IP family!"
                                : fmt::format("ring {} addresses must be from same IP family as ring 0!", number));
    }
}

std::string rrp_mode(const NewCluster& cluster, std::vector<std::string>& warnings) {
    const bool redundant = cluster.links.size() > 1;
    if (redundant && cluster.rrp_mode == "none")
        throw Error("rrp_mode 'none' is not allowed when using multiple interfaces, use 'active' or 'passive'!");
    if (redundant) return cluster.rrp_mode.empty() ? "passive" : cluster.rrp_mode;
    if (!cluster.rrp_mode.empty() && cluster.rrp_mode != "none")
        warnings.push_back(fmt::format("rrp_mode '{}' needs a second ring, ignored", cluster.rrp_mode));
    return {};
}

void fill_p5(const NewCluster& cluster, Section& totem, std::vector<std::string>& warnings) {
    check_rings(cluster);
    totem.items["ip_version"] = is_ipv6(cluster.links.at(0).address) ? "ipv6" : "ipv4";
    if (cluster.token_coefficient) totem.items["token_coefficient"] = std::to_string(*cluster.token_coefficient);
    const std::string mode = rrp_mode(cluster, warnings);
    if (!mode.empty()) totem.items["rrp_mode"] = mode;
    for (const auto& [number, link] : cluster.links) {
        const auto bind = cluster.bind_addresses.find(number);
        Section interface;
        interface.items["bindnetaddr"] = bind == cluster.bind_addresses.end() ? link.address : bind->second;
        interface.items["ringnumber"] = std::to_string(number);
        totem.sections["interface"].push_back(interface);
    }
}

void fill_p9(const NewCluster& cluster, Section& totem, std::vector<std::string>& warnings) {
    if (!cluster.bind_addresses.empty()) warnings.emplace_back("bind addresses are not used with dialect 3.x, ignored");
    if (!cluster.rrp_mode.empty()) warnings.emplace_back("rrp_mode is not used with dialect 3.x, ignored");
    if (cluster.transport == "knet" || cluster.transport.empty()) {
        totem.items["link_mode"] = "passive";
    } else if (cluster.links.size() > 1 || cluster.links.begin()->first != 0) {
        throw Error(fmt::format("transport {} has link 0 only in dialect 3.x", cluster.transport));
    }
    totem.items["ip_version"] = "ipv4-6";
    totem.items["token_coefficient"] = std::to_string(cluster.token_coefficient.value_or(kTokenCoefficient));
    for (const auto& [number, link] : cluster.links) {
        Section interface;
        interface.items["linknumber"] = std::to_string(number);
        if (link.priority != 0) interface.items["knet_link_priority"] = std::to_string(link.priority);
        totem.sections["interface"].push_back(interface);
    }
}

Section node_section(const std::string& name, long nodeid, long votes, const std::map<unsigned, Link>& links) {
    Section node;
    node.items["name"] = name;
    node.items["nodeid"] = std::to_string(nodeid);
    if (votes != 0) node.items["quorum_votes"] = std::to_string(votes);  // the engine counts 1 without it
    for (const auto& [number, link] : links)
        node.items[address_key(number)] = link.address;
    return node;
}

Node node_of(const Section& section) {
    Node node{.name = node_key(section),
              .nodeid = parse_integer(section.text("nodeid")),
              .votes = parse_integer(section.text("quorum_votes")),
              .addresses = {}};
    for (unsigned link = 0; link < kMostLinks; ++link) {
        if (const auto address = section.get(address_key(link))) node.addresses[link] = *address;
    }
    return node;
}

std::vector<Section>& node_sections(Section& root) {
    return root.child("nodelist").sections["node"];
}

std::set<unsigned> links_of_others(const Section& root, const std::string& name) {
    std::set<unsigned> links;
    for (const Node& node : nodes(root)) {
        if (node.name == name) continue;
        for (const auto& [number, address] : node.addresses)
            links.insert(number);
    }
    return links;
}

// The links the joining node gets: what it says, or its fallback on the one link there is.
std::map<unsigned, Link> settle_links(const Section& root, const Joining& joining) {
    const std::set<unsigned> existing = links_of_others(root, joining.name);
    if (joining.links.empty()) {
        if (joining.fallback.empty())
            throw Error("no links and no fallback ip (new_node_ip) given, cannot join cluster");
        if (existing.size() > 1)
            throw Error(
                "no links given but multiple links found on other nodes, fallback only supported on single-link "
                "clusters");
        return {{existing.empty() ? 0 : *existing.begin(), Link{.address = joining.fallback}}};
    }
    if (existing.empty()) return joining.links;
    const bool p5 = form_of(root) == Form::p5;
    for (const unsigned number : existing) {
        if (joining.links.count(number) > 0) continue;
        if (p5)
            throw Error(fmt::format("corosync: ring {0} interface configured but 'ring{0}_addr' parameter not defined!",
                                    number));
        throw Error(
            fmt::format("corosync: link {} exists in cluster config but wasn't specified for new node", number));
    }
    for (const auto& [number, link] : joining.links) {
        if (existing.count(number) > 0) continue;
        if (p5)
            throw Error(
                fmt::format("corosync: using 'ring{0}_addr' parameter needs a configured ring {0} interface!", number));
        throw Error(fmt::format("corosync: link {} specified for new node doesn't exist in cluster config", number));
    }
    return joining.links;
}

void check_addresses(const Section& root, const std::string& name, const std::map<unsigned, Link>& links) {
    for (const Node& node : nodes(root)) {
        if (node.name == name) continue;
        for (const auto& [number, address] : node.addresses) {
            for (const auto& [own, link] : links) {
                if (link.address != address) continue;
                if (form_of(root) == Form::p5)
                    throw Error(fmt::format("corosync: address '{}' already defined by node '{}'", address, node.name));
                throw Error(fmt::format("corosync: address '{}' already used on link ring{}_addr by node '{}'", address,
                                        number, node.name));
            }
        }
    }
}

long lowest_free_id(const Section& root) {
    std::set<long> used;
    for (const Node& node : nodes(root))
        used.insert(node.nodeid.value_or(0));
    long id = 1;
    while (used.count(id) > 0)
        ++id;
    return id;
}

void check_id(const Section& root, const std::string& name, long nodeid) {
    for (const Node& node : nodes(root)) {
        if (node.name != name && node.nodeid == nodeid)
            throw Error(fmt::format("corosync: nodeid {} is already used by node '{}'", nodeid, node.name));
    }
}

}  // namespace

Form form_of(const Section& root) {
    return engine::config::choose_dialect(write(root)).dialect == totem::Dialect::v3 ? Form::p9 : Form::p5;
}

Section make_cluster(const NewCluster& cluster, std::vector<std::string>& warnings) {
    Section root;
    root.child("logging").items = {{"debug", "off"}, {"to_syslog", "yes"}};
    root.child("quorum").items["provider"] = "corosync_votequorum";
    node_sections(root).push_back(node_section(cluster.node, cluster.nodeid, cluster.votes, cluster.links));
    Section& totem = root.child("totem");
    totem.items = {{"cluster_name", cluster.name},
                   {"config_version", "1"},
                   {"secauth", cluster.secauth ? "on" : "off"},
                   {"version", "2"}};
    // knet is what an engine of 3.x takes without the key.
    if (!cluster.transport.empty() && cluster.transport != "knet") totem.items["transport"] = cluster.transport;
    if (cluster.form == Form::p5) {
        fill_p5(cluster, totem, warnings);
    } else {
        fill_p9(cluster, totem, warnings);
    }
    return root;
}

std::vector<Node> nodes(const Section& root) {
    std::vector<Node> result;
    const Section* const list = root.find("nodelist");
    if (list == nullptr) return result;
    for (const Section& section : list->all("node"))
        result.push_back(node_of(section));
    return result;
}

std::optional<Node> find_node(const Section& root, const std::string& name) {
    for (Node& node : nodes(root)) {
        if (node.name == name) return std::move(node);
    }
    return std::nullopt;
}

bool add_node(Section& root, const Joining& joining, std::vector<std::string>& notes) {
    const auto links = settle_links(root, joining);
    check_addresses(root, joining.name, links);
    const auto old = find_node(root, joining.name);
    const long nodeid = joining.nodeid.value_or(old ? old->nodeid.value_or(0) : lowest_free_id(root));
    const long votes = joining.votes.value_or(old ? old->votes.value_or(1) : 1);
    check_id(root, joining.name, nodeid);
    const Section entry = node_section(joining.name, nodeid, votes, links);
    auto& list = node_sections(root);
    if (!old) {
        list.push_back(entry);
        return true;
    }
    if (!joining.force || nodeid != old->nodeid.value_or(0) || std::max(votes, 1L) != old->votes.value_or(1))
        throw Error(fmt::format("can't add existing node '{}'", joining.name));
    notes.push_back(fmt::format("forcing overwrite of configured node '{}'", joining.name));
    const auto place =
        std::find_if(list.begin(), list.end(), [&](const Section& node) { return node_key(node) == joining.name; });
    // What else it says about the node stays.
    Section changed = *place;
    for (const auto& [key, value] : entry.items)
        changed.items[key] = value;
    if (changed == *place) return false;
    *place = changed;
    return true;
}

Node remove_node(Section& root, const std::string& name_or_address) {
    auto& list = node_sections(root);
    const auto place = std::find_if(list.begin(), list.end(), [&](const Section& section) {
        return node_key(section) == name_or_address || section.get("ring0_addr") == name_or_address ||
               section.get("ring1_addr") == name_or_address;
    });
    if (place == list.end())
        throw Error(fmt::format("Node/IP: {} is not a known host of the cluster.", name_or_address));
    Node node = node_of(*place);
    list.erase(place);
    return node;
}

}  // namespace pvecm::config
