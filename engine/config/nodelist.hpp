#pragma once
// The node list as written, and which of its nodes we are. Spec corosync-conf.md sections 5 and 6.

#include <optional>
#include <string>
#include <vector>

#include "engine/cmap/map.hpp"
#include "engine/config/host.hpp"

namespace engine::config {

inline constexpr unsigned kMaxRingsV2 = 2;
inline constexpr unsigned kMaxLinksV3 = 8;

struct ListedNode {
    unsigned position = 0;  // nodelist.node.<position>
    std::string name;
    std::vector<std::string> ring_addr;  // "" where a ring has none
    std::uint32_t nodeid = 0;            // 0: none given
    std::uint32_t quorum_votes = 1;

    const std::string& addr(unsigned ring) const;
    unsigned links() const;  // how many addresses are given
};

// By position. `rings`: how many ringN_addr are looked at.
std::vector<ListedNode> listed_nodes(const cmap::Map& map, unsigned rings);

// 2.4 (section 6.1 step 1): the first node whose ring0_addr resolves to an own address.
std::optional<std::size_t> find_local_v2(const std::vector<ListedNode>& nodes, const Host& host, IpVersion version);

// 3.1 (section 6.2): by the host's name, then by its addresses. Numeric addresses are compared before
// names of addresses are asked for, so that lists of numbers never wait for a name server.
std::optional<std::size_t> find_local_v3(const std::vector<ListedNode>& nodes, const Host& host);

}  // namespace engine::config
