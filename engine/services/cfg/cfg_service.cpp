#include "engine/services/cfg/cfg_service.hpp"

#include <algorithm>
#include <array>

namespace engine::cfg {
namespace {

enum Function : std::uint32_t { kReenable = 0, kKill = 1, kShutdown = 2, kReload = 3, kCrypto = 4, kKeys = 5 };

constexpr std::size_t kReasonBytes = 256;
constexpr std::size_t kKillBody = 288 - kExecHeaderSize;
constexpr std::size_t kSourceBody = 16, kCryptoBody = 8, kKeysBody = 48;

}  // namespace

bool CfgService::kill_node(NodeId node, std::string_view reason) {
    reason = reason.substr(0, kReasonBytes - 1);
    std::array<std::uint8_t, kKillBody> body;
    totem::Writer out(body, sender_.order());
    out.u32(node);
    out.align(8);
    out.u16(static_cast<std::uint16_t>(reason.size() + 1));  // counts the NUL
    out.align(8);
    out.bytes({reinterpret_cast<const std::uint8_t*>(reason.data()), reason.size()});
    out.zeros(out.remaining());
    const Bytes chunk = body;
    return sender_.multicast(kCfgService, kKill, {&chunk, 1});
}

bool CfgService::announce_shutdown() {
    return sender_.multicast(kCfgService, kShutdown, {});
}

bool CfgService::request_reload(std::uint64_t token) {
    return request(kReload, token);
}

bool CfgService::request_ring_reenable(std::uint64_t token) {
    return request(kReenable, token);
}

bool CfgService::request(std::uint32_t function, std::uint64_t token) {
    std::array<std::uint8_t, kSourceBody> body{};
    totem::Writer out(body, sender_.order());
    out.u32(sender_.local_node());
    out.align(8);
    out.u64(token);  // where upstream has a pointer: it means something to the sender only (section 7.2)
    const Bytes chunk = body;
    return sender_.multicast(kCfgService, function, {&chunk, 1});
}

bool CfgService::request_crypto_phase(CryptoPhase phase) {
    std::array<std::uint8_t, kCryptoBody> body{};
    totem::Writer(body, sender_.order()).u32(static_cast<std::uint32_t>(phase));
    const Bytes chunk = body;
    return sender_.multicast(kCfgService, kCrypto, {&chunk, 1});
}

// Ours alone: kind, round, then twice whether there is a key, its id and its print.
bool CfgService::send_keys(const KeyMessage& message) {
    std::array<std::uint8_t, kKeysBody> body{};
    totem::Writer out(body, sender_.order());
    const auto key = [&out](const std::optional<KeyName>& name) {
        out.u32(name ? 1 : 0);
        out.u32(name ? name->id : 0);
        out.u64(name ? name->print : 0);
    };
    out.u32(static_cast<std::uint32_t>(message.kind));
    out.align(8);
    out.u64(message.round);
    key(message.current);
    key(message.next);
    const Bytes chunk = body;
    return sender_.multicast(kCfgService, kKeys, {&chunk, 1});
}

std::uint64_t CfgService::token_of(NodeId sender, ByteOrder order, Bytes message) const {
    if (sender != sender_.local_node()) return 0;
    totem::Reader in(message, order);
    in.skip(kExecHeaderSize + 8);
    const std::uint64_t token = in.u64();
    return in.ok() ? token : 0;
}

void CfgService::on_kill(NodeId sender, ByteOrder order, Bytes message) {
    totem::Reader in(message, order);
    in.skip(kExecHeaderSize);
    const NodeId node = in.u32();
    in.align(8);
    const std::size_t length = in.u16();
    in.align(8);
    const Bytes text = in.bytes(kReasonBytes);
    if (!in.ok() || length > kReasonBytes) {
        ++dropped_malformed_;
        return;
    }
    if (node != sender_.local_node()) return;
    std::string_view reason(reinterpret_cast<const char*>(text.data()), length);
    reason = reason.substr(0, reason.find('\0'));
    events_.killed(sender, reason);
}

void CfgService::on_keys(NodeId sender, ByteOrder order, Bytes message) {
    totem::Reader in(message, order);
    bool fine = true;
    const auto key = [&]() -> std::optional<KeyName> {
        const std::uint32_t there = in.u32(), id = in.u32();
        const std::uint64_t print = in.u64();
        fine = fine && there <= 1 && id <= UINT8_MAX;
        return there == 1 ? std::optional(KeyName{static_cast<std::uint8_t>(id), print}) : std::nullopt;
    };
    in.skip(kExecHeaderSize);
    const std::uint32_t kind = in.u32();
    in.align(8);
    const std::uint64_t round = in.u64();
    const auto current = key(), next = key();
    const bool change = kind == static_cast<std::uint32_t>(KeyMessage::Kind::change);
    if (!change && kind != static_cast<std::uint32_t>(KeyMessage::Kind::report)) fine = false;
    if (!in.ok() || !fine || !current || (change && !next)) {
        ++dropped_malformed_;
        return;
    }
    events_.key_message(sender, {static_cast<KeyMessage::Kind>(kind), round, *current, next});
}

void CfgService::on_exec(std::uint32_t function, NodeId sender, ByteOrder order, Bytes message) {
    switch (function) {
        case kKill:
            on_kill(sender, order, message);
            break;
        case kShutdown:
            events_.shut_down(sender);
            break;
        case kReload:
            events_.reload_requested(sender, token_of(sender, order, message));
            break;
        case kCrypto: {
            totem::Reader in(message, order);
            in.skip(kExecHeaderSize);
            const std::uint32_t phase = in.u32();
            if (!in.ok() || phase < 1 || phase > 2) {
                ++dropped_malformed_;
            } else if (sender == sender_.local_node()) {
                events_.crypto_reconfiguration(static_cast<CryptoPhase>(phase));
            }
            break;
        }
        case kKeys:
            if (native_) on_keys(sender, order, message);
            break;
        case kReenable:  // accepted and ignored in 3.x
            if (sender_.dialect() == totem::Dialect::v2) {
                events_.ring_reenable_requested(sender, token_of(sender, order, message));
            }
            break;
        default:
            break;
    }
}

}  // namespace engine::cfg
