#pragma once
// The configuration store of this node: its state, its local service, and quorum. Spec pvecm.md sections 3.1, 3.2,
// pmxcfs.md section 14.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "pvecm/host/paths.hpp"

namespace pvecm {

// What the store says about the cluster (.members).
struct ClusterInfo {
    struct Member {
        std::uint32_t id = 0;
        bool online = false;
        std::string address;  // empty while it is not known
    };
    std::string node;
    bool in_cluster = false;  // the store knows of one
    bool quorate = false;
    std::map<std::string, Member> members;
};
ClusterInfo parse_cluster_info(const std::string& json);

// Requests over the store's socket. Each throws Error, "ipcc_send_rec[ID] failed: REASON", if there is no answer.
class StoreClient {
public:
    static ClusterInfo cluster_info();
    static std::string version();
    static std::string guests();  // JSON (.vmlist)
    // To the cluster's log.
    static void log(const std::string& text);
};

bool store_mounted(const Paths& paths);
// The store takes changes. Nothing tells a change of that to programs.
bool quorate(const Paths& paths);
// And it has what the others have. Quorum alone is too early for that: a store that was away gets their state after it,
// and a change that is answered was ordered behind that state. A node that is in no cluster has nothing to get.
bool in_step(const Paths& paths);
void require_quorum(const Paths& paths);  // throws Error

}  // namespace pvecm
