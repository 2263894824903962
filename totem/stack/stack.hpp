#pragma once
// The protocol stack of one node in one piece: redundant networks + ring + process groups + synchronisation, wired
// in the order of spec totempg-sync-services.md section 8. Sans-I/O; what totemd and the simulator both run.

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "totem/pg/process_groups.hpp"
#include "totem/rrp/redundancy.hpp"
#include "totem/srp/ring.hpp"
#include "totem/sync/synchronizer.hpp"

namespace totem {

struct StackConfig {
    srp::RingConfig ring;
    rrp::Mode rrp_mode = rrp::Mode::none;
    unsigned networks = 1;
    rrp::Parameters rrp_parameters;
    std::size_t packet_size = 1410;  // M
    // How many packets our sockets hold; 0: the ring is run as with corosync, whoever is in it (companions.hpp).
    std::uint32_t socket_holds = 0;
};

// What the owner of a stack hears. Sync progress arrives through sync::Progress, what becomes of the networks through
// rrp::Observer.
class StackListener : public sync::Progress, public rrp::Observer {
public:
    // Every configuration, before the synchroniser sees it (member bookkeeping, section 8.2 steps 2-4).
    virtual void configuration(const srp::Configuration&) {}
    // A malformed packet, see pg::Listener.
    virtual void packet_dropped(NodeId /*sender*/, pg::PacketError, std::size_t /*expected*/, std::size_t /*size*/) {}
};

class Stack final : private pg::Listener, private sync::Progress {
public:
    Stack(const StackConfig& config, FramePool& pool, srp::Host& host, rrp::Networks& networks, srp::Observer& observer,
          StackListener& listener);
    ~Stack() override;

    // Before start(): services that take part in sync, and groups to listen to.
    void add_participant(sync::Participant& participant);
    void join(std::string_view group, pg::GroupReceiver& receiver);

    // Driving: as srp::Ring, datagrams with the network they came through.
    void start(Instant now, std::uint64_t stored_seq);
    void interface_changed(Instant now);
    void on_datagram(Instant now, unsigned network, Bytes packet);
    // See srp::Ring::port_closed(); `peer` is whom a token was sent to through that network.
    void port_closed(Instant now, unsigned network, const NodeAddress& peer);
    void on_timeout(Instant now);
    Instant next_timeout() const;
    void leave(Instant now);

    // The `now` of the entry point being handled, for code called from inside it.
    Instant now() const;
    // Sending; callable from callbacks and from outside (then set_now() first).
    void set_now(Instant now);
    bool send(std::string_view group, std::span<const Bytes> chunks);

    bool sync_in_progress() const;
    pg::ProcessGroups& groups();
    rrp::Redundancy& redundancy();
    const rrp::Redundancy& redundancy() const;
    srp::Ring& ring();
    const srp::Ring& ring() const;

private:
    void configuration(const srp::Configuration& change) override;
    void token_sent() override;
    void packet_dropped(NodeId sender, pg::PacketError error, std::size_t expected, std::size_t size) override;
    void sync_process_entered() override;
    void sync_started(const RingId& ring) override;
    void sync_service_committed(std::string_view name) override;
    void sync_aborted() override;
    void sync_completed(const RingId& ring) override;

    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace totem
