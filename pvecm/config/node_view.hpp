#pragma once
// A corosync.conf as the engine of one of its nodes would read it, by the engine's own code, on whatever machine this
// is.

#include <string>
#include <vector>

#include "engine/cmap/map.hpp"
#include "engine/config/cluster_config.hpp"
#include "engine/config/host.hpp"
#include "engine/config/reader.hpp"
#include "pvecm/config/cluster.hpp"

namespace pvecm::config {

// The machine of a node: it has the node's name and addresses.
class NodeHost final : public engine::config::Host {
public:
    explicit NodeHost(const Node& node);
    void add_addresses(const Node& node);  // of the same machine, from another file

    std::string name() const override { return name_; }
    std::vector<engine::config::LocalAddress> addresses() const override { return addresses_; }
    std::vector<totem::NodeAddress> resolve(const std::string& name, engine::config::Family family) const override;
    std::optional<std::string> reverse(const totem::NodeAddress&) const override { return std::nullopt; }

private:
    const std::string name_;
    std::vector<engine::config::LocalAddress> addresses_;
};

// In the dialect that the text means.
engine::config::File file_of(const std::string& text, const std::string& name);

// totemd does not speak it: corosync 3 alone knows what it would do with such a file.
bool is_knet(const engine::config::File& file);

// Keys are the business of each node, and no file of this machine stands for them.
void leave_out_keys(engine::cmap::Map& map);

// The map of that file. Throws engine::config::Error.
void read_map(const engine::config::File& file, engine::cmap::Map& map, std::vector<std::string>& warnings);

}  // namespace pvecm::config
