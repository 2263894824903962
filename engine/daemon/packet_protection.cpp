#include "engine/daemon/packet_protection.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <system_error>

#include "engine/daemon/node_plan.hpp"
#include "engine/daemon/ring_id_file.hpp"
#include "totem/crypto/native.hpp"
#include "totem/crypto/secauth.hpp"

namespace engine {

PacketProtection::PacketProtection(const config::ClusterConfig& config)
    : protection_(config.protection), dialect_(config.dialect), vectors_(config.fast_paths.vector_crypto) {
    if (!protection_.native) return;
    self_ = config.nodes.at(config.local_node.value()).nodeid;
    keys_ = std::make_shared<totem::crypto::KeyRing>(config.cluster_name, protection_.key_id, protection_.key->bytes());
    if (protection_.next_key) keys_->install(protection_.next_key_id, protection_.next_key->bytes());
    keys_->set_senders(senders_of(config));
    try {
        session_ = begin_session(fmt::format("{}/session_{}", config.state_dir, self_),
                                 std::chrono::system_clock::now().time_since_epoch());
    } catch (const std::system_error& error) {
        throw PlanError(error.what());
    }
}

std::unique_ptr<totem::crypto::Suite> PacketProtection::suite(unsigned ring) const {
    if (!protection_.enabled()) return totem::crypto::make_plain_suite(dialect_);
    try {
        if (protection_.native) {
            return totem::crypto::make_native_suite(
                *protection_.native,
                {.self = self_, .ring = static_cast<std::uint8_t>(ring), .session = session_, .vectors = vectors_},
                keys_);
        }
        return totem::crypto::make_secauth_suite(protection_.cipher, protection_.hash, *protection_.key,
                                                 {.multi_buffer = vectors_});
    } catch (const totem::crypto::SuiteError& error) {
        throw PlanError(error.what());
    }
}

std::string PacketProtection::text() const {
    if (protection_.native) {
        return fmt::format("Packets are protected with {}, key id {}. Only totemd can read them.",
                           name_of(*protection_.native), keys_->transmit_id());
    }
    // Whatever library does it: administrators look for this line.
    return fmt::format("Initializing transmit/receive security (NSS) crypto: {} hash: {}", name_of(protection_.cipher),
                       name_of(protection_.hash));
}

std::vector<totem::NodeId> senders_of(const config::ClusterConfig& config) {
    std::vector<totem::NodeId> ids;
    for (const config::Node& node : config.nodes)
        ids.push_back(node.nodeid);
    return ids;
}

std::uint64_t begin_session(const std::string& path, std::chrono::nanoseconds now) {
    RingIdFile file(path, 0600);
    const std::uint64_t stored = file.load();
    if (stored == UINT64_MAX) {
        throw std::system_error(EOVERFLOW, std::generic_category(), "There is no session after the one in " + path);
    }
    const std::uint64_t session =
        std::max(stored + 1, static_cast<std::uint64_t>(std::max<std::int64_t>(now.count(), 0)));
    file.store(session);
    return session;
}

}  // namespace engine
