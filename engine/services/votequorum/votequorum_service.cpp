#include "engine/services/votequorum/votequorum_service.hpp"

#include <utility>

namespace engine::votequorum {

VotequorumService::VotequorumService(ExecSender& sender, QuorumSink& sink, VotequorumHost& host, vote::Reading reading,
                                     std::uint32_t tracking_barrier)
    : sender_(sender),
      sink_(sink),
      host_(host),
      machine_(sender.local_node(), std::move(reading), tracking_barrier, *this) {}

void VotequorumService::start() {
    machine_.start(host_.now());
    publish();
}

void VotequorumService::leave() {
    machine_.leave(host_.now());
}

void VotequorumService::configure(const vote::Keys& keys) {
    machine_.configure(keys, host_.now());
    publish();
}

void VotequorumService::cancel_wait_for_all() {
    machine_.cancel_wait_for_all(host_.now());
}

void VotequorumService::on_timeout() {
    machine_.on_timeout(host_.now());
    publish();
}

void VotequorumService::tell_numbers() {
    const auto own = machine_.info(0);
    if (!own) return;
    const Numbers now{.quorate = machine_.quorate(),
                      .waiting_for_all = machine_.waiting_for_all(),
                      .votes = own->total_votes,
                      .expected = own->record.expected_votes,
                      .quorum = own->quorum,
                      .device_flags = own->record.flags & vote::kDeviceFlags};
    if (now == numbers_) return;
    numbers_ = now;
    host_.numbers(numbers_);
}

void VotequorumService::publish() {
    tell_numbers();
    const vote::Published now = machine_.published();
    if (now == published_) return;
    published_ = now;
    host_.publish(published_);
}

void VotequorumService::on_exec(std::uint32_t function, NodeId sender, ByteOrder order, Bytes message) {
    vote::Message decoded;
    if (message.size() < kExecHeaderSize || !decode(function, message.subspan(kExecHeaderSize), order, decoded)) {
        ++dropped_malformed_;
        return;
    }
    // Nodes speak for themselves only; others would fill our table.
    const auto* info = std::get_if<vote::NodeInfo>(&decoded);
    if (info != nullptr && info->node != 0 && info->node != sender) {
        ++dropped_malformed_;
        return;
    }
    host_.heard(sender, decoded);
    machine_.on_message(sender, decoded, host_.now());
    publish();
}

// --- synchronisation ---

void VotequorumService::sync_init(std::span<const NodeId>, std::span<const NodeId> members, const totem::RingId& ring) {
    machine_.sync_init(members, ring, host_.now());
    publish();
}

bool VotequorumService::sync_process(totem::Instant) {
    return machine_.sync_process();
}

void VotequorumService::sync_activate(totem::Instant) {
    machine_.sync_activate();
    publish();
}

// --- effects ---

bool VotequorumService::send(const vote::Message& message) {
    const auto body = encode(message, sender_.order());
    const Bytes chunk = body;
    return sender_.multicast(kVotequorumService, function_of(message), {&chunk, 1});
}

void VotequorumService::verdict() {
    sink_.quorum_state(machine_.quorate(), machine_.ring(), machine_.members());
    if (clients_ != nullptr) clients_->quorum_changed();
}

void VotequorumService::nodelist(const totem::RingId& ring, std::span<const NodeId> members) {
    if (clients_ != nullptr) clients_->nodelist(ring, members);
}

void VotequorumService::expected_votes_changed(std::uint32_t expected_votes) {
    if (clients_ != nullptr) clients_->expected_votes_changed(expected_votes);
}

void VotequorumService::device_registered(vote::ClientId client, vote::Result result) {
    if (clients_ != nullptr) clients_->device_registered(client, result);
}

}  // namespace engine::votequorum
