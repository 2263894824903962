#pragma once
// Queriers heard on the network, bridges of this host, and what they say together about snooping switches. Values and
// parsing; listening is done by packet_socket. Spec omping.md section 14.2.

#include <optional>
#include <string>
#include <vector>

#include "tools/omping/address.hpp"
#include "tools/omping/time.hpp"

namespace tools::omping::qualify {

// A membership query, IGMP or MLD.
struct MembershipQuery {
    Address querier;
    int version = 0;               // of IGMP 1 to 3, of MLD 1 or 2
    std::optional<Address> group;  // asked for; none: a general query
};
// `packet` begins with the IP header. Nothing if it is anything else.
std::optional<MembershipQuery> parse_membership_query(totem::Bytes packet);

struct Querier {
    Address address;
    int version = 0;
    double first_s = 0;             // since listening began
    std::vector<double> general_s;  // times of general queries
    unsigned specific = 0;          // answers to members that leave
};

struct Bridge {
    std::string name;
    bool snooping = false, querier = false;
    bool ours = false;  // our interface, or that of our interface
};

enum class Flooding { unknown, flooded, pruned };

struct IgmpResult {
    bool listened = false;
    std::string why_not;
    double listened_s = 0;
    std::vector<Querier> queriers;
    // Does traffic of a group reach a port that did not join it?
    Flooding flooding = Flooding::unknown;
    std::vector<Bridge> bridges;

    const Bridge* snooping_bridge() const;  // ours, with snooping and no querier of its own
    bool snooping() const;                  // somewhere, as far as is known
};

void note_query(IgmpResult& result, const MembershipQuery& query, double seconds);

// What `root`/class/net says.
std::vector<Bridge> find_bridges(const std::string& interface, const std::string& root = "/sys");

}  // namespace tools::omping::qualify
