#pragma once
// What protects a node's packets, made from its configuration: a suite for each of its networks, and what they share.
// Spec totem-crypto.md.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/config/cluster_config.hpp"
#include "totem/crypto/key_ring.hpp"
#include "totem/crypto/suite.hpp"

namespace engine {

class PacketProtection {
public:
    // With the native suite a session begins, and its number is stored. Throws PlanError if the crypto library lacks an
    // algorithm or the number can't be stored.
    explicit PacketProtection(const config::ClusterConfig& config);

    // For network `ring`. Throws PlanError.
    std::unique_ptr<totem::crypto::Suite> suite(unsigned ring) const;
    // What suite() made of it, for the log.
    std::string text() const;
    // Null without the native suite.
    const std::shared_ptr<totem::crypto::KeyRing>& keys() const { return keys_; }

private:
    config::Protection protection_;
    totem::Dialect dialect_;
    bool vectors_;
    totem::NodeId self_ = 0;
    std::uint64_t session_ = 0;
    std::shared_ptr<totem::crypto::KeyRing> keys_;
};

// Who may send: the nodes of the list.
std::vector<totem::NodeId> senders_of(const config::ClusterConfig& config);

// The number of a session that begins at `now`, since 1970: later than all that began before, even if the clock went
// back, and stored in `path` when this returns (totem-crypto.md appendix B.4). Throws std::system_error.
std::uint64_t begin_session(const std::string& path, std::chrono::nanoseconds now);

}  // namespace engine
