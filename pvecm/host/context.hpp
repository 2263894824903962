#pragma once
// The node a command runs on.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pvecm/cli/command.hpp"
#include "pvecm/config/document.hpp"
#include "pvecm/host/paths.hpp"
#include "pvecm/host/services.hpp"
#include "pvecm/host/store.hpp"

namespace pvecm {

class Context {
public:
    Context(Paths paths, const std::vector<Command>& commands);

    const Paths paths;
    const std::vector<Command>& commands;
    const std::string node;  // its name

    Services& services() const { return *services_; }

    // Section 3.1: what every command but a few needs. Throws Error.
    void check_store();
    // Of what the store said at the start; nothing if it did not answer.
    const std::optional<ClusterInfo>& cluster() const { return cluster_; }
    // Of a member, or else what the resolver has. Throws Error.
    std::string address_of(const std::string& name) const;
    std::string own_address() const { return address_of(node); }

private:
    std::unique_ptr<Services> services_;
    std::optional<ClusterInfo> cluster_;
};

bool in_cluster(const Context& context);  // there is a corosync.conf in the store

// The cluster's corosync.conf. Throws Error if there is none.
std::string read_cluster_text(const Paths& paths);
config::Section read_cluster_conf(const Paths& paths);
// Puts the whole file in place, through corosync.conf.new. Throws Error.
void put_cluster_text(const Paths& paths, const std::string& text);
// Raises its version and puts it in place, through corosync.conf.new. Throws Error.
void write_cluster_conf(const Paths& paths, config::Section conf);

}  // namespace pvecm
