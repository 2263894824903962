#pragma once
// What a corosync.conf says about the cluster, and the changes that commands make to it. Nothing here reads or writes
// files. Errors are Error, in pve-cluster's words. Spec pvecm.md sections 4, 5, 7.2 and 8.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pvecm/config/document.hpp"

namespace pvecm::config {

// How the file is written: that of pve-cluster 5 for an engine of dialect 2.x, or of pve-cluster 9 for 3.x.
enum class Form { p5, p9 };

Form form_of(const Section& root);

struct Link {
    std::string address;
    unsigned priority = 0;
};

struct NewCluster {
    std::string name;
    std::string node;  // of its first node
    long nodeid = 1, votes = 1;
    Form form = Form::p5;
    std::map<unsigned, Link> links;                  // by number, not empty
    std::map<unsigned, std::string> bind_addresses;  // p5: of rings that have one of their own
    std::string transport;                           // empty: the engine's default
    std::string rrp_mode;                            // p5: empty or none, active, passive
    bool secauth = true;
    std::optional<long> token_coefficient;  // without it 125 in p9, and what the engine has in p5
};

// With config_version 1. What has no effect is left out and said in `warnings`.
Section make_cluster(const NewCluster& cluster, std::vector<std::string>& warnings);

struct Node {
    std::string name;
    std::optional<long> nodeid, votes;
    std::map<unsigned, std::string> addresses;  // by link
};

std::vector<Node> nodes(const Section& root);
std::optional<Node> find_node(const Section& root, const std::string& name);

struct Joining {
    std::string name;
    std::optional<long> nodeid, votes;
    std::map<unsigned, Link> links;
    std::string fallback;  // address to use on the only link if no links are given
    bool force = false;
};

// Adds it to the list, or replaces the entry of that name. False if there is nothing to change.
bool add_node(Section& root, const Joining& joining, std::vector<std::string>& notes);

// The node of that name or address, which is then not in the list any more.
Node remove_node(Section& root, const std::string& name_or_address);

}  // namespace pvecm::config
