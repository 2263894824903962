#pragma once
// What is going to happen in one run: a value made from the seed alone.
//
// The fault model. UDP delivers a datagram whole and with the right checksum or not at all, so a
// flipped bit or a cut datagram is a lost one (without packet protection nothing else could be
// promised: altered contents would be accepted by any receiver). What can reach a socket besides is
// what others send: noise, fragments of packets, the other dialect, another cluster on the same
// group, and datagrams of our own past that lingered in the network. Those are injected (Junk), and
// every rule must hold all the same. Not modelled: a forger who knows the current ring.

#include <cstdint>
#include <optional>
#include <vector>

#include "tests/sim/types.hpp"
#include "totem/rrp/parameters.hpp"
#include "totem/srp/interfaces.hpp"
#include "totem/srp/pace.hpp"
#include "totem/srp/parameters.hpp"
#include "votequorum/options.hpp"

namespace totem::sim {

struct NodeSetup {
    Identity identity;
    ByteOrder order = kNativeOrder;
    srp::Parameters parameters;
    std::size_t queue_capacity = 2974;
    std::size_t packet_size = 1410;
    srp::PaceOptions pace;
    std::uint32_t socket_holds = 0;  // what it announces to nodes of its kind; 0: it is of another kind
    bool one_socket = true;          // udpu; false: udp, where waiting multicasts come before a token
    bool loops_multicast = false;    // the network hands back own multicasts
    bool probe_service = true;       // takes part in sync with a second service
    vote::Keys quorum;               // alike for all but for their own votes
    Time starts = 0;
    Time clock_start = 0;  // what the node's clock shows at time 0
    std::int32_t drift_ppm = 0;
    Time work_per_datagram = 0;  // CPU time; 0 = immediate
};

// Bits of wire::PacketType, for faults that hit some packets only.
using PacketTypes = std::uint8_t;
constexpr PacketTypes type_bit(wire::PacketType type) {
    return static_cast<PacketTypes>(1u << static_cast<unsigned>(type));
}
inline constexpr PacketTypes kAllTypes = 0xFF;

// Something wrong with the links from `from` to `to` for a while.
struct LinkFault {
    Time begin = 0, end = 0;
    NodeSet from = 0, to = 0;
    double loss = 0;  // 1 = partition
    double duplicate = 0;
    Time delay = 0;                 // added, uniform in 0..delay: reorders
    PacketTypes types = kAllTypes;  // which packets are lost
    std::size_t larger_than = 0;    // only datagrams above this size are lost
    std::uint8_t networks = 0xFF;   // bits of those it is about
};

enum class Junk : std::uint8_t { noise, cut, other_dialect, other_cluster, old_packet };

struct Action {
    enum class Kind : std::uint8_t {
        // After `count` effects; if `on_state`, counted from the next time it is entered. `flag`: with a long
        // message on its way.
        crash,
        restart,       // starts the node if it is down; `flag`: ring id file lost
        leave,         // orderly
        pause,         // no CPU for `length`
        clock_jump,    // forward by `length`
        disk_failure,  // the ring number can't be stored for `length`
        junk,          // `count` datagrams of kind `junk` to `node`
        interface_changed,
        force_gather,
        flood,   // the node's clients send until the queue is full
        stream,  // they send a little again and again, for `length`
    };
    Time at = 0;
    Kind kind = Kind::crash;
    NodeIndex node = 0;
    Time length = 0;
    std::uint32_t count = 0;
    std::uint8_t on_state = 0;  // srp::State, 0 = any time
    bool flag = false;
    Junk junk = Junk::noise;
};

struct Traffic {
    Time interval = 0;  // mean time between two things a node's clients do
    std::uint32_t groups = 1;
    std::uint32_t clients_per_node = 2;
    std::size_t largest = 2000;  // bytes
};

struct Scenario {
    std::uint64_t seed = 0;
    Dialect dialect = Dialect::v3;
    bool equal_parameters = true;
    std::vector<NodeSetup> nodes;
    Time hop = kMillisecond, jitter = 0;  // latency of a healthy link
    Time own_hop = kMillisecond;          // ... to oneself
    Traffic traffic;
    rrp::Mode mode = rrp::Mode::none;
    unsigned networks = 1;
    rrp::Parameters redundancy;
    std::optional<unsigned> dead;  // a network that is cut from `dead_from` on, also when all else is calm
    Time dead_from = 0;
    bool tells_closed_ports = false;  // who sends a token to a host without process is told
    double false_reports = 0;         // ... or to one with a process: somebody forges them
    std::vector<LinkFault> faults;
    std::vector<Action> actions;
    Time calm = 0;              // from here on nothing goes wrong and all nodes are up
    Time converged_within = 0;  // bound of I20 after `calm`
    bool watch_idle = false;    // check I21 at the end
};

Scenario make_scenario(std::uint64_t seed);

}  // namespace totem::sim
