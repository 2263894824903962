#pragma once
// A validated configuration, as the engine needs it: the typed outcome of reading corosync.conf.
// Spec corosync-conf.md sections 3 to 7.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/config/fast_paths.hpp"
#include "engine/metrics/endpoint.hpp"
#include "totem/crypto/packet_cipher.hpp"
#include "totem/crypto/secauth.hpp"
#include "totem/rrp/parameters.hpp"
#include "totem/srp/parameters.hpp"
#include "totem/wire/types.hpp"
#include "votequorum/options.hpp"

namespace engine::config {

enum class Transport : std::uint8_t { udp, udpu };

struct Node {
    totem::NodeId nodeid = 0;
    std::string name;
    std::vector<std::string> ring_addr;       // as written
    std::vector<totem::NodeAddress> address;  // resolved, one per ring; nodeid set
    std::uint32_t quorum_votes = 1;
};

struct Interface {
    unsigned ring = 0;
    totem::NodeAddress bindnetaddr;  // address or network to look the local interface up with
    totem::NodeAddress group;        // multicast group, or 255.255.255.255 in broadcast mode; udp only
    bool broadcast = false;
    std::uint16_t port = 5405;  // mcastport
    std::uint8_t ttl = 1;
    std::vector<totem::NodeAddress> members;  // every member's address on this ring (udpu)
};

// What protects the packets; keys are shared by copies of the configuration, and wiped with the last of them.
struct Protection {
    totem::crypto::Cipher cipher = totem::crypto::Cipher::none;
    totem::crypto::Hash hash = totem::crypto::Hash::none;
    std::optional<totem::crypto::Aead> native = {};  // our own suite instead of cipher and hash
    std::shared_ptr<const totem::crypto::Secret> key = {};
    // Native: the key's number, and the key to change to.
    std::uint8_t key_id = 0, next_key_id = 0;
    std::shared_ptr<const totem::crypto::Secret> next_key = {};
    bool enabled() const {
        return cipher != totem::crypto::Cipher::none || hash != totem::crypto::Hash::none || native.has_value();
    }
};

struct Quorum {
    std::string provider;  // "" or "corosync_votequorum"
    vote::Keys keys;
};

struct ClusterConfig {
    totem::Dialect dialect = totem::Dialect::v3;
    Transport transport = Transport::udpu;
    bool ipv6 = false;
    std::string cluster_name;
    std::uint64_t config_version = 0;
    std::vector<Interface> interfaces;      // ring 0 first, at least one
    std::vector<Node> nodes;                // file order
    std::optional<std::size_t> local_node;  // index into nodes
    totem::NodeId local_nodeid = 0;         // 0: v2 without any id given, taken from the bound address
    bool clear_node_high_bit = false;
    std::uint32_t netmtu = 1500;
    bool block_unlisted_ips = true;
    Protection protection;
    totem::srp::Settings settings;      // as configured
    totem::srp::Parameters parameters;  // derived
    totem::rrp::Mode rrp_mode = totem::rrp::Mode::none;
    totem::rrp::Parameters rrp_parameters;  // 2.x
    Quorum quorum;
    std::string state_dir = "/var/lib/corosync";
    std::string ipc_type = "native";  // native, shm, socket
    bool sched_rr = true;
    std::string priority;                      // "", number, "max", "min"
    std::string move_to_root_cgroup = "auto";  // yes, no, auto
    std::optional<metrics::Endpoint> metrics_listen;
    FastPaths fast_paths;
};

}  // namespace engine::config
