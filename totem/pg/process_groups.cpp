#include "totem/pg/process_groups.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "totem/pg/assembler.hpp"
#include "totem/pg/groups_header.hpp"
#include "totem/pg/packer.hpp"

namespace totem::pg {
namespace {

constexpr std::size_t kMinPacket = 64;
constexpr std::size_t kMaxPacket = 65000;  // a frame of the pool's larger class, ring header included
// What our layers put in front of a client's data beyond what the client's own request carries.
constexpr std::size_t kHeaderAllowance = 256;

}  // namespace

struct ProcessGroups::Impl final : MessageSink {
    Impl(const PgConfig& pg_config, Listener& pg_listener)
        : packet_size(std::clamp(pg_config.packet_size, kMinPacket, kMaxPacket)),
          order(pg_config.order),
          listener(pg_listener),
          packer(packet_size, order) {}

    void message(NodeId sender, ByteOrder sender_order, Bytes bytes) override;

    // Section 6.1: packets a message of n bytes may need.
    std::size_t packets(std::size_t n) const { return n / (packet_size - 24) + 1; }
    bool fits(std::size_t n) const { return port->room() >= packets(n + 2 * packer.staged()); }
    std::int64_t used_percent() const;

    struct Membership {
        std::string group;
        GroupReceiver* receiver;
    };

    const std::size_t packet_size;
    const ByteOrder order;
    Listener& listener;
    RingPort* port = nullptr;
    Packer packer;
    BufferPool buffers;
    AssemblyCounters assembly;
    Assembler normal{buffers, assembly}, transitional{buffers, assembly};
    // A starting node is waiting for trans ack already (section 8.3).
    Assembler* active = &transitional;
    std::vector<Membership> memberships;
    std::size_t initial_room = 0;
    std::size_t reserved = 1;
    QueueLevel level = QueueLevel::good;
    std::uint64_t packets_received = 0, messages_delivered = 0, dropped_malformed = 0;
};

void ProcessGroups::Impl::message(NodeId sender, ByteOrder sender_order, Bytes bytes) {
    GroupsHeader header;
    if (!header.decode(bytes, sender_order)) {
        ++dropped_malformed;
        return;
    }
    for (std::size_t i = 0; i < memberships.size(); ++i) {
        const Membership& mine = memberships[i];
        if (!header.names(mine.group)) continue;
        // Once per receiver, however many of its groups are named.
        const bool served = std::any_of(memberships.begin(), memberships.begin() + static_cast<std::ptrdiff_t>(i),
                                        [&](const Membership& earlier) {
                                            return earlier.receiver == mine.receiver && header.names(earlier.group);
                                        });
        if (served) continue;
        ++messages_delivered;
        mine.receiver->on_message(sender, sender_order, header.payload());
    }
}

std::int64_t ProcessGroups::Impl::used_percent() const {
    const auto available = static_cast<std::int64_t>(port->room()) - static_cast<std::int64_t>(reserved);
    return 100 - available * 100 / static_cast<std::int64_t>(std::max<std::size_t>(port->capacity(), 1));
}

ProcessGroups::ProcessGroups(const PgConfig& config, Listener& listener)
    : impl_(std::make_unique<Impl>(config, listener)) {}

ProcessGroups::~ProcessGroups() = default;

void ProcessGroups::attach(RingPort& ring) {
    impl_->port = &ring;
    impl_->packer.attach(ring);
    // The ring has no room before it starts, but its empty queue is known: all slots less two (section 6.1).
    impl_->initial_room = ring.capacity() < 2 ? 0 : ring.capacity() - 2;
}

void ProcessGroups::join(std::string_view group, GroupReceiver& receiver) {
    impl_->memberships.push_back({std::string(group), &receiver});
}

bool ProcessGroups::send(std::string_view group, std::span<const Bytes> chunks) {
    if (group.size() > kMaxGroupName || chunks.size() > kMaxChunks) return false;
    std::array<std::uint8_t, 4 + kMaxGroupName> header;
    std::array<Bytes, 1 + kMaxChunks> all;
    all[0] = Bytes(header.data(), encode_groups_header(group, impl_->order, header));
    std::size_t total = all[0].size();
    std::size_t count = 1;
    for (Bytes chunk : chunks) {
        total += chunk.size();
        all[count++] = chunk;
    }
    if (total > kMaxMessage || !impl_->fits(total)) return false;
    const bool queued = impl_->packer.add(std::span<const Bytes>(all.data(), count), total);
    impl_->port->request_token();
    return queued;
}

void ProcessGroups::request_token() {
    impl_->port->request_token();
}

bool ProcessGroups::can_send(std::size_t size) const {
    // Others' reservations count; the one `reserved` starts with is the room every queue keeps free.
    const std::size_t wanted = impl_->packets(size + kHeaderAllowance + 2 * impl_->packer.staged());
    return impl_->port->room() >= wanted + impl_->reserved - 1;
}

std::size_t ProcessGroups::size_limit() const {
    return impl_->initial_room == 0 ? 0 : (impl_->initial_room - 1) * (impl_->packet_size - 24);
}

std::size_t ProcessGroups::reserve(std::size_t size) {
    if (!can_send(size)) return 0;
    const std::size_t reservation = impl_->packets(size + kHeaderAllowance);
    impl_->reserved += reservation;
    return reservation;
}

void ProcessGroups::release(std::size_t reservation) {
    impl_->reserved -= std::min(reservation, impl_->reserved - 1);
}

QueueLevel ProcessGroups::queue_level() {
    const std::int64_t used = impl_->used_percent();
    if (used >= 75) {
        impl_->level = QueueLevel::critical;
    } else if (used < 30) {
        impl_->level = QueueLevel::low;
    } else if (used > 40 && used < 50) {
        impl_->level = QueueLevel::good;
    } else if (used > 60 && used < 70) {
        impl_->level = QueueLevel::high;
    }
    return impl_->level;
}

void ProcessGroups::synchronized() {
    // The end of a message whose beginning went out during the synchronisation must follow it into
    // the same queue. Whole messages stay staged: they belong to the normal queue now.
    if (impl_->packer.mid_message()) impl_->packer.flush();
    impl_->active = &impl_->normal;
}

PgStatistics ProcessGroups::statistics() const {
    PgStatistics out;
    out.msg_queue_avail = impl_->port ? static_cast<std::uint32_t>(impl_->port->room()) : 0;
    out.msg_reserved = static_cast<std::uint32_t>(impl_->reserved);
    out.level = impl_->level;
    out.packets_sent = impl_->packer.packets_sent();
    out.packets_received = impl_->packets_received;
    out.messages_delivered = impl_->messages_delivered;
    out.dropped_malformed = impl_->dropped_malformed;
    out.dropped_oversized = impl_->assembly.oversized;
    out.dropped_out_of_sequence = impl_->assembly.out_of_sequence;
    return out;
}

void ProcessGroups::deliver(const srp::Message& message) {
    ++impl_->packets_received;
    Packet packet;
    const PacketError error = decode(message.payload, message.order, packet);
    if (error != PacketError::none) {
        ++impl_->dropped_malformed;
        std::size_t expected = kPacketHeader + packet.table.size();
        if (error == PacketError::length_mismatch) {
            for (std::size_t i = 0; i < packet.count; ++i)
                expected += packet.length(i);
        }
        impl_->listener.packet_dropped(message.originator, error, expected, message.payload.size());
        return;
    }
    impl_->active->accept(message.originator, packet, *impl_);
}

void ProcessGroups::configuration(const srp::Configuration& change) {
    if (change.kind == srp::Configuration::Kind::transitional) {
        // The ring turns to its second queue after this call: what was packed before the change goes
        // to the first one (section 8.3). send() leaves a slot free for it.
        impl_->packer.flush();
        for (const Identity& node : change.left) {
            impl_->normal.forget(node.nodeid);
            impl_->transitional.forget(node.nodeid);
        }
    } else {
        // Messages of the old ring have been delivered, through the normal list.
        impl_->active = &impl_->transitional;
    }
    impl_->listener.configuration(change);
}

void ProcessGroups::token_received() {
    impl_->packer.flush();
}

void ProcessGroups::token_sent() {
    impl_->listener.token_sent();
}

}  // namespace totem::pg
