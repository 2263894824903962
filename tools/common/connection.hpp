#pragma once
// Connections to the engine as objects, and what it says about itself.

#include <corosync/cfg.h>
#include <corosync/cmap.h>
#include <corosync/cpg.h>
#include <corosync/quorum.h>
#include <corosync/votequorum.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tools {

// A handle of one of the client libraries, finalized with the object. `error` is of initialisation.
template <cs_error_t (*Finalize)(std::uint64_t)>
class Connection {
public:
    template <class Initialize>
    explicit Connection(Initialize initialize) : error(initialize(&handle_)) {}
    ~Connection() {
        if (ok()) Finalize(handle_);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    bool ok() const { return error == CS_OK; }
    std::uint64_t get() const { return handle_; }

private:
    std::uint64_t handle_ = 0;  // before `error`, whose initialisation fills it

public:
    const cs_error_t error;
};

using Cmap = Connection<&cmap_finalize>;
using Cfg = Connection<&corosync_cfg_finalize>;
using Cpg = Connection<&cpg_finalize>;
using Quorum = Connection<&quorum_finalize>;
using Votequorum = Connection<&votequorum_finalize>;

inline cs_error_t open_cmap(cmap_handle_t* handle) {
    return cmap_initialize(handle);
}
inline cs_error_t open_cfg(corosync_cfg_handle_t* handle) {
    static const corosync_cfg_callbacks_t callbacks{};
    return corosync_cfg_initialize(handle, &callbacks);
}

std::optional<std::string> get_string(cmap_handle_t cmap, const std::string& key);
std::optional<std::uint32_t> get_uint32(cmap_handle_t cmap, const std::string& key);

// One key of a listing; `length` counts the NUL of a string.
struct Key {
    std::string name;
    cmap_value_types_t type;
    std::size_t length;
};
// Keys with a prefix ("": all) in the engine's order. The keys of what was read before an error are returned.
struct Listing {
    cs_error_t error = CS_OK;
    std::vector<Key> keys;
};
Listing list_keys(cmap_handle_t cmap, const std::string& prefix);

// The nodes of the node list, in the engine's order: position in the list and node id.
struct ListedNode {
    unsigned position;
    std::uint32_t nodeid;
};
std::vector<ListedNode> listed_nodes(cmap_handle_t cmap, cs_error_t& error);

// Which dialect's texts the engine's administrators know: totem.dialect is "2.x" or "3.x"; corosync has no such key.
bool speaks_2x(cmap_handle_t cmap);

// A node's addresses as numbers, in order of its links; the error of the call if it fails.
cs_error_t node_addresses(corosync_cfg_handle_t cfg, std::uint32_t nodeid,
                          std::vector<corosync_cfg_node_address_t>& addresses);
std::string numeric(const corosync_cfg_node_address_t& address);

}  // namespace tools
