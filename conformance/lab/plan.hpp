#pragma once
// What a laboratory is to be: nodes, transport, configuration. Node ids are 1..N throughout, and `node` always means
// one.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/lab/daemon.hpp"

namespace lab {

enum class Transport { udp, udpu };
enum class Family { ipv4, ipv6 };

std::string to_string(Transport transport);
Transport parse_transport(const std::string& text);  // LabError that names the choices
std::string to_string(Family family);
Family parse_family(const std::string& text);

inline constexpr unsigned most_nodes = 64;  // what the addresses and the bridge are laid out for
inline constexpr unsigned most_rings = 2;   // networks, numbered from 0 as ringnumber is

struct Plan {
    std::string name;  // letters, digits, '-', '_', '.'; "" for one made of the pid
    std::vector<DaemonKind> nodes;
    Transport transport = Transport::udp;
    Family family = Family::ipv4;
    unsigned rings = 1;  // 2: dialect 2.x, and rrp_mode passive unless `totem` says otherwise
    std::string cluster_name = "lab";
    bool votequorum = true;
    bool debug = false;      // debug messages in the logs
    bool real_time = false;  // many real-time daemons on few processors starve each other and their clients
    std::map<std::string, std::string> totem = {
        {"token", "1000"}};                    // further keys of totem { }; replaces generated ones
    std::string further_sections;              // appended as it is
    std::optional<std::string> configuration;  // given instead of generated
    bool persistent = false;                   // outlives its creator; else everything dies with it
};

std::string node_name(unsigned node);  // host name and name in the node list
// 10.77.0.N or fd77::N; on ring 1 it is 10.78.0.N or fd78::N.
std::string node_address(unsigned node, Family family, unsigned ring = 0);
std::string node_link_address(unsigned node, unsigned ring);  // Ethernet
// A whole corosync.conf, the same for all nodes. A ring of 2.x nodes, or one whose
// totem keys say so, gets the keys of 2.x.
std::string make_configuration(const Plan& plan);
// Pairs such as "offload=no,accelerated=no" for the totem section, where the plan does not set the key itself.
void add_totem_keys(Plan& plan, std::string_view pairs);  // LabError that names what is no pair

}  // namespace lab
