// The lines about datagrams that were refused. Anybody can send those, so each text appears at most once
// per interval; the counters have them all.

#include "engine/daemon/ring_log.hpp"
#include "engine/daemon/say.hpp"
#include "totem/crypto/suite.hpp"

namespace engine {

using totem::Dialect;
using totem::net::Refusal;
using totem::wire::Drop;

namespace {

std::string_view packet_name(Dialect dialect, totem::Bytes datagram) {
    totem::wire::Header header;
    if (totem::wire::Codec(dialect).decode(datagram, header) != Drop::none) return "unknown";
    switch (header.type) {
        case totem::wire::PacketType::token:
            return "orf_token";
        case totem::wire::PacketType::mcast:
            return "mcast";
        case totem::wire::PacketType::merge_detect:
            return "memb_merge_detect";
        case totem::wire::PacketType::join:
            return "memb_join";
        case totem::wire::PacketType::commit_token:
            return "memb_commit_token";
        case totem::wire::PacketType::hold_cancel:
            return "token_hold_cancel";
        default:
            return "unknown";
    }
}

unsigned byte_at(totem::Bytes datagram, std::size_t index) {
    return index < datagram.size() ? datagram[index] : 0u;
}

// totem-wire.md section 12, checks 7 to 13.
std::string describe_v2(Drop reason, totem::Bytes datagram) {
    switch (reason) {
        case Drop::too_short_header:
            return fmt::format("Received message is too short...  ignoring {}.", datagram.size());
        case Drop::wrong_type:
            return fmt::format("Type of received message is wrong...  ignoring {}.", byte_at(datagram, 0));
        case Drop::too_short:
            return fmt::format("Received {} message is too short...  ignoring.", packet_name(Dialect::v2, datagram));
        case Drop::corrupted_address:
            return "Received message corrupted...  ignoring.";
        default:
            return fmt::format("Received {} message is wrong ({})...  ignoring.", packet_name(Dialect::v2, datagram),
                               describe(reason));
    }
}

std::string describe_v3(Drop reason, totem::Bytes datagram, const std::string& from) {
    switch (reason) {
        case Drop::too_short_header:
            return fmt::format("Message received from {} is too short...  Ignoring {}.", from, datagram.size());
        case Drop::bad_magic:
            return fmt::format("Message received from {} has bad magic number (probably sent by {}).. Ignoring", from,
                               totem::crypto::guess_sender(Dialect::v3, datagram));
        case Drop::unsupported_version:
            return fmt::format("Message received from {} has unsupported version {}... Ignoring", from,
                               byte_at(datagram, 2));
        case Drop::wrong_type:
            return fmt::format("Message received from {} has wrong type...  ignoring {}.", from, byte_at(datagram, 3));
        case Drop::too_short:
            return fmt::format("Received {} message is too short...  ignoring.", packet_name(Dialect::v3, datagram));
        case Drop::bad_rtr_count:
            return "Received orf_token message rtr_entries is corrupted...  ignoring.";
        default:
            return fmt::format("Received {} message is wrong ({})...  ignoring.", packet_name(Dialect::v3, datagram),
                               describe(reason));
    }
}

}  // namespace

void RingLog::provoked(LogLevel level, std::string_view kind, const std::string& text) {
    if (!log_.wanted(level, kTotem)) return;
    auto held_back = filter_.pass(std::string(kind), std::chrono::steady_clock::now());
    if (!held_back) return;
    log_.write(level, kTotem, text);
    if (*held_back > 0) say(log_, level, kTotem, "(and {} more of these)", *held_back);
}

void RingLog::datagram_dropped(Drop reason, totem::Bytes datagram) {
    std::string from = hooks_.current_sender ? hooks_.current_sender() : "unknown";
    provoked(LogLevel::warning, describe(reason),
             dialect_ == Dialect::v2 ? describe_v2(reason, datagram) : describe_v3(reason, datagram, from));
}

// Those of the native suite (totem-crypto.md appendix B.6); true if it was one.
bool RingLog::refused_natively(Refusal reason, const totem::NodeAddress& from) {
    std::string_view what;
    switch (reason) {
        case Refusal::other_suite:
            what = "was made with another crypto_cipher";
            break;
        case Refusal::other_ring:
            what = "belongs to another ring of this cluster: are the networks mixed up?";
            break;
        case Refusal::own_packet:
            // A broadcast comes back to who sent it.
            provoked(LogLevel::debug, "own", fmt::format("Packet rejected from {}: it is our own", from.text()));
            return true;
        case Refusal::unknown_sender:
            what = "is from a node that is not in the nodelist";
            break;
        case Refusal::unknown_key:
            what = "was made with a key that is not, or no longer, configured here";
            break;
        case Refusal::old_session:
            what = "is from before its sender's last start";
            break;
        case Refusal::replayed:
            what = "was here before";
            break;
        default:
            return false;
    }
    provoked(LogLevel::warning, fmt::format("{} {}", static_cast<int>(reason), from.text()),
             fmt::format("Packet rejected from {}: it {}", from.text(), what));
    return true;
}

void RingLog::refused(Refusal reason, const totem::NodeAddress& from, totem::Bytes datagram) {
    if (refused_natively(reason, from)) return;
    switch (reason) {
        case Refusal::truncated:
            provoked(LogLevel::error, "truncated",
                     "Received too big message. This may be because something bad is happening on the network. "
                     "Dropping it.");
            return;
        case Refusal::unlisted:
            provoked(LogLevel::debug, "unlisted", fmt::format("Packet rejected from {}", from.text()));
            return;
        case Refusal::too_short:
            provoked(LogLevel::warning, "short", "Received message is too short...  ignoring");
            break;
        case Refusal::different_hash:
            provoked(LogLevel::warning, "hash", "Incoming packet has different hash type. Rejecting");
            break;
        case Refusal::bad_digest:
            provoked(LogLevel::error, "mismatch", fmt::format("Digest does not match (packet from {})", from.text()));
            break;
        case Refusal::undecipherable:
            provoked(
                LogLevel::warning, "decrypt",
                fmt::format("A packet from {} is authentic but was encrypted with another crypto_cipher", from.text()));
            break;
        case Refusal::unsupported_prefix:
            provoked(LogLevel::warning, "unsupported",
                     fmt::format("Unsupported incoming packet (probably sent by {}). Rejecting",
                                 totem::crypto::guess_sender(dialect_, datagram)));
            break;
        case Refusal::bad_reserved:
            provoked(LogLevel::warning, "reserved",
                     "Incoming packet appears to have features not supported by this version of corosync. Rejecting");
            break;
        default:
            return;
    }
    provoked(LogLevel::error, "digest", "Received message has invalid digest... ignoring.");
    provoked(LogLevel::error, "invalid", "Invalid packet data");
}

}  // namespace engine
