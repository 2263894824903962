#pragma once
// The networks of a node: one transport for each ring number of the configuration.

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/config/cluster_config.hpp"
#include "engine/daemon/packet_protection.hpp"
#include "totem/net/transport.hpp"
#include "totem/rrp/interfaces.hpp"

namespace engine {

class Networks final : public totem::rrp::Networks {
public:
    // As totem::net::Listener, with the network's number.
    class Events {
    public:
        virtual ~Events() = default;
        virtual void datagram(unsigned network, totem::Bytes message) = 0;
        virtual void network_up(unsigned network, const totem::NodeAddress& address) = 0;
        virtual void network_down(unsigned network) = 0;
        virtual void port_closed(unsigned network, const totem::NodeAddress& peer) = 0;
        virtual void refused(totem::net::Refusal reason, const totem::NodeAddress& from, totem::Bytes datagram) = 0;
        virtual void trouble(std::string_view text) = 0;
        virtual void failed(std::string_view text) = 0;
    };

    // `events` must outlive this object. Throws PlanError.
    Networks(boost::asio::io_context& io, const config::ClusterConfig& config, const PacketProtection& protection,
             Events& events);
    ~Networks() override;

    void start();
    void close();
    // See totem::net::Transport; of all networks.
    void check_interfaces();
    void watch_interfaces(bool periodically);
    void set_active(std::span<const totem::Identity> members);
    void reconfigure(const config::ClusterConfig& config);

    unsigned size() const { return static_cast<unsigned>(links_.size()); }
    // None is up, and none is still to say so.
    bool all_down() const;
    // Our address on each: the one bound or, where the interface is down, the one that the node list gives us. nullopt
    // while one of them is not known, or none is up.
    std::optional<std::vector<totem::NodeAddress>> addresses() const;
    std::size_t overhead() const;  // of packet protection, per packet
    // How many packets of that size the sockets of each network hold; networks that are down do not count.
    std::size_t holds(std::size_t packet_size) const;
    totem::net::Counters counters() const;
    // Source of the datagram being handed over.
    const totem::NodeAddress& current_sender() const;

    // totem::rrp::Networks
    void multicast(unsigned network, const totem::FrameRef& frame, Fanout fanout) override;
    void unicast(unsigned network, const totem::FrameRef& frame, const totem::Identity& target) override;
    void drain_others(unsigned network) override;
    void flush() override;
    bool discard_pending_input() override;

private:
    class Link;

    Events& events_;
    std::vector<std::unique_ptr<Link>> links_;
    unsigned receiving_ = 0;  // whose datagram is being handed over
};

}  // namespace engine
