#pragma once
// Process groups over the ring: packs small messages into ring frames, cuts large ones, puts them
// together again on the other side, and hands them to the group they name.
// Spec totempg-sync-services.md sections 2 to 6 and 8.3. Sans-I/O.

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "totem/base/bytes.hpp"
#include "totem/pg/packet.hpp"
#include "totem/pg/ring_port.hpp"
#include "totem/srp/interfaces.hpp"

namespace totem::pg {

// Longest group name and most chunks a sender may use (section 5).
inline constexpr std::size_t kMaxGroupName = 64;
inline constexpr std::size_t kMaxChunks = 63;

// Where complete messages of one group go. `payload` is what follows the groups header; it is valid
// during the call only, unaligned, and in the byte order of the sender.
class GroupReceiver {
public:
    virtual ~GroupReceiver() = default;
    virtual void on_message(NodeId sender, ByteOrder order, Bytes payload) = 0;
};

// What passes through this layer from the ring to the one above.
class Listener {
public:
    virtual ~Listener() = default;
    virtual void configuration(const srp::Configuration& change) = 0;
    virtual void token_sent() = 0;
    // A packet was dropped whole; `size` is what arrived, `expected` what its lengths add up to
    // (length_mismatch only).
    virtual void packet_dropped(NodeId /*sender*/, PacketError, std::size_t /*expected*/, std::size_t /*size*/) {}
};

// Queue level of section 6.2; the numbers are those published to clients.
enum class QueueLevel : std::uint8_t { low = 0, good = 1, high = 2, critical = 3 };

struct PgStatistics {
    std::uint32_t msg_queue_avail = 0, msg_reserved = 0;  // section 6.1
    QueueLevel level = QueueLevel::good;                  // as last evaluated
    std::uint64_t packets_sent = 0, packets_received = 0, messages_delivered = 0;
    // Packets or groups headers that do not add up; messages over kMaxMessage; packets that continue
    // something we do not hold, as a joiner sees them.
    std::uint64_t dropped_malformed = 0, dropped_oversized = 0, dropped_out_of_sequence = 0;
};

struct PgConfig {
    Dialect dialect = Dialect::v3;
    ByteOrder order = kNativeOrder;
    std::size_t packet_size = 1410;  // M: largest totempg packet, header included (section 3.1)
};

class ProcessGroups final : public srp::Upper {
public:
    ProcessGroups(const PgConfig& config, Listener& listener);
    ~ProcessGroups() override;
    // The ring below; before anything else. Its queues are empty now.
    void attach(RingPort& ring);

    // Delivers messages that name `group` to `receiver`, which must outlive this object.
    void join(std::string_view group, GroupReceiver& receiver);

    // Queues one message for `group`, given as chunks. All or nothing: false if the send queue has no
    // room for the whole message or it exceeds kMaxMessage, groups header included. Delivered to
    // ourselves, too, in order.
    bool send(std::string_view group, std::span<const Bytes> chunks);
    // Somebody waits for Listener::token_sent().
    void request_token();

    // Room test and reservation for a client request of `size` bytes (section 6.1).
    bool can_send(std::size_t size) const;
    std::size_t size_limit() const;  // requests of this size or more can never be sent
    // Reserves room, for the headers we add too; 0 if there is none. Give the result back to release() when the request
    // was handled.
    std::size_t reserve(std::size_t size);
    void release(std::size_t reservation);
    // Re-evaluates the level (section 6.2, with hysteresis) and returns it.
    QueueLevel queue_level();

    // Synchronisation of the services completed: back to the normal assembly list (section 8.3).
    // Call it before the ring goes back to its normal queue.
    void synchronized();

    PgStatistics statistics() const;

    // srp::Upper
    void deliver(const srp::Message& message) override;
    void configuration(const srp::Configuration& change) override;
    void token_received() override;
    void token_sent() override;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace totem::pg
