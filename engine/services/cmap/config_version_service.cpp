#include "engine/services/cmap/config_version_service.hpp"

#include <algorithm>

#include "engine/services/cmap/cmap_message.hpp"

namespace engine::cmap {

ConfigVersionService::ConfigVersionService(ExecSender& sender, ConfigVersionEvents& events,
                                           std::optional<std::uint64_t> version)
    : sender_(sender), events_(events), version_(version), highest_(version.value_or(0)) {}

void ConfigVersionService::set_config_version(std::optional<std::uint64_t> version) {
    version_ = version;
    const auto body = encode_version(VersionReason::changed, version_, sender_.order());
    const Bytes chunk = body;
    if (!sender_.multicast(kCmapService, 0, {&chunk, 1})) events_.config_version_not_sent();
}

void ConfigVersionService::on_exec(std::uint32_t, NodeId sender, ByteOrder order, Bytes message) {
    VersionMessage received;
    if (!decode_version(message, order, received)) {
        ++dropped_malformed_;
        return;
    }
    if (received.reason > static_cast<std::uint8_t>(VersionReason::changed)) return;
    events_.member_config_version(sender, received.version);
    if (sender != sender_.local_node()) highest_ = std::max(highest_, received.version);
}

void ConfigVersionService::sync_init(std::span<const NodeId> transitional, std::span<const NodeId>,
                                     const totem::RingId&) {
    transitional_ = transitional.size();
    highest_ = version_.value_or(0);
}

bool ConfigVersionService::sync_process(totem::Instant) {
    const auto body = encode_version(VersionReason::sync, version_, sender_.order());
    const Bytes chunk = body;
    return sender_.multicast(kCmapService, 0, {&chunk, 1});
}

// Section 12.2: the first synchronisation never decides, the second one does, once.
void ConfigVersionService::sync_activate(totem::Instant) {
    if (transitional_ == 0) {
        events_.config_version_not_checked("Single node sync -> no action");
        return;
    }
    if (!first_check_) {
        events_.config_version_not_checked("Not first sync -> no action");
        return;
    }
    first_check_ = false;
    const std::uint64_t mine = version_.value_or(0);
    if (mine == 0) {
        events_.config_version_not_checked("My config version is 0 -> no action");
    } else if (highest_ != mine) {
        events_.config_version_mismatch(highest_, mine);
    }
}

}  // namespace engine::cmap
