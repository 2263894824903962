// Comparing all data once in a while (pmxcfs-wire.md 4.7).

#include <fmt/format.h>

#include "cfs/replica/engine/engine.hpp"

namespace cfs::replica {
namespace {

// As the log shows a checksum: its first eight bytes, little-endian.
std::uint64_t shown(const Checksum& checksum) {
    return totem::Reader(checksum, totem::ByteOrder::little).u64();
}

}  // namespace

void Engine::verify(Now now) {
    // Upstream members that still wait for updates leave when they hear of a verification.
    verify_is_late_ = !everybody_synced();
    if (verify_is_late_) return;
    if (checksum_counter_ != checksum_id_)
        return report(Severity::notice, fmt::format("delay verify request {:016X}", checksum_counter_ + 1));
    ++checksum_counter_;
    send_state(now, Purpose::verify_request, MessageType::verify_request, encode_verify_request(checksum_counter_));
}

void Engine::verify_requested(Now now, MemberId sender, const StateMessage& message) {
    const auto id = decode_verify_request(message.payload);
    if (!id)
        return fail(now, fmt::format("cpg received verify request with wrong length ({} bytes) form node {}/{}",
                                     message.payload.size(), sender.nodeid, sender.pid));
    checksum_ = application_.checksum();
    checksum_id_ = *id;
    checksum_epoch_ = message.epoch;
    if (sender == self_) send_state(now, Purpose::verify, MessageType::verify, encode(Verify{checksum_id_, checksum_}));
}

void Engine::verify_arrived(Now now, const StateMessage& message) {
    const auto verify = decode_verify(message.payload);
    if (!verify)
        return fail(now,
                    fmt::format("cpg received verify message with wrong length ({} bytes)", message.payload.size()));
    if (verify->id != checksum_id_ || message.epoch != checksum_epoch_)
        return report(Severity::notice, "skip verification - no checksum saved");
    if (verify->checksum == checksum_) return report(Severity::notice, "data verification successful");
    fail(now, fmt::format("wrong checksum {:016X} != {:016X} - restarting", shown(verify->checksum), shown(checksum_)));
}

}  // namespace cfs::replica
