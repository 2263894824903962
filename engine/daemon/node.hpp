#pragma once
// A ring member: networks, stack and services wired together, driven by one event loop.
//
// The stack is made when our address on each network is known, because in the 2.x dialect a node is known by the
// addresses it bound.

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "engine/daemon/change_log.hpp"
#include "engine/daemon/daemon.hpp"
#include "engine/daemon/networks.hpp"
#include "engine/daemon/observer_pair.hpp"
#include "engine/daemon/packet_protection.hpp"
#include "engine/daemon/ring_id_file.hpp"
#include "engine/daemon/ring_log.hpp"
#include "engine/daemon/services.hpp"
#include "totem/stack/stack.hpp"
#include "totem/wire/codec.hpp"

namespace engine {

class Node final : private Networks::Events, private totem::srp::Host, private totem::StackListener {
public:
    // `give_up`: the node can't go on, with the exit code; called at most once and never from inside the
    // constructor. `setup` must outlive the node. Throws PlanError.
    Node(boost::asio::io_context& io, const DaemonSetup& setup, std::function<void(int)> give_up);
    ~Node() override;

    void start();
    // Unloads the services, lets what they say to their peers go out, and leaves the ring; nothing happens after
    // `gone`, which is called once and maybe at once.
    void leave(std::function<void()> gone);
    void dump();

private:
    // Networks::Events
    void datagram(unsigned network, totem::Bytes message) override;
    void network_up(unsigned network, const totem::NodeAddress& address) override;
    void network_down(unsigned network) override;
    void port_closed(unsigned network, const totem::NodeAddress& peer) override;
    void refused(totem::net::Refusal reason, const totem::NodeAddress& from, totem::Bytes datagram) override;
    void trouble(std::string_view text) override;
    void failed(std::string_view text) override;

    // totem::srp::Host
    bool store_ring_seq(std::uint64_t seq) override;
    std::uint32_t random_up_to(std::uint32_t bound) override;

    // totem::StackListener
    void configuration(const totem::srp::Configuration& change) override;
    void packet_dropped(totem::NodeId sender, totem::pg::PacketError error, std::size_t expected,
                        std::size_t size) override;
    void sync_process_entered() override;
    void sync_service_committed(std::string_view name) override;
    void sync_completed(const totem::RingId& ring) override;
    void network_status(unsigned network, const totem::rrp::Status& status) override;
    void ring_test_received(unsigned network, const totem::wire::RingTest& test) override;
    void ring_test_activated(unsigned network, const totem::wire::RingTest& test, bool recovered) override;

    RingLog::Hooks ring_hooks();
    Services::Hooks service_hooks();
    void start_stack();
    bool build(std::span<const totem::NodeAddress> bound);
    bool is_token(totem::Bytes message) const;
    std::string which(unsigned network) const;
    void reconfigure(const config::ClusterConfig& before, const config::ClusterConfig& now);
    void arm();
    void client_burst(bool begins);
    void work_off_soon();
    void work_off();  // what is due
    void fail(int code);
    bool farewells_sent() const;
    void finish_leaving();

    boost::asio::io_context& io_;
    const DaemonSetup& setup_;
    LogSink& log_;
    std::function<void(int)> give_up_;
    std::mt19937 random_{std::random_device{}()};

    totem::FramePool pool_;  // outlives everything that holds frames
    RingLog ring_log_;
    RepeatFilter packet_filter_{std::chrono::seconds(10)};
    std::uint32_t mtu_ = 0;  // of a packet, what is left for messages
    totem::wire::Codec codec_;
    PacketProtection protection_;
    Networks networks_;
    std::optional<RingIdFile> ring_id_;
    std::optional<ChangeLog> changes_;
    std::optional<ObserverPair> observers_;
    std::unique_ptr<totem::Stack> stack_;
    std::unique_ptr<Services> services_;

    boost::asio::steady_timer timer_, farewell_timer_;
    totem::Instant armed_ = totem::kNever;
    bool posted_ = false;   // work_off() is
    bool serving_ = false;  // clients: work_off() follows
    bool receiving_ = false;
    bool ready_ = false;
    bool stopped_ = false;
    std::function<void()> gone_;             // set while leaving
    std::uint64_t last_visit_ = UINT64_MAX;  // of the token that is surely behind what was queued when leaving began
    // Handlers queued in the loop look here whether the node is still there.
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace engine
