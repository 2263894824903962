#include "engine/daemon/networks.hpp"

#include <algorithm>

#include "engine/daemon/node_plan.hpp"

namespace engine {

using totem::NodeAddress;

// A transport, and what it says.
class Networks::Link final : private totem::net::Listener {
public:
    enum class State : std::uint8_t { starting, up, down };

    Link(boost::asio::io_context& io, const config::ClusterConfig& config, const PacketProtection& protection,
         unsigned number, Networks& networks)
        : networks_(networks),
          number_(number),
          configured_(configured_address(config, number)),
          transport(io, plan_transport(config, number), protection.suite(number), *this) {}

    State state() const { return state_; }
    NodeAddress address() const {
        return transport.address().family != NodeAddress::kUnused ? transport.address() : configured_;
    }

private:
    static NodeAddress configured_address(const config::ClusterConfig& config, unsigned number) {
        if (!config.local_node) return {};
        const auto& addresses = config.nodes[*config.local_node].address;
        return number < addresses.size() ? addresses[number] : NodeAddress{};
    }

    void datagram(totem::Bytes message) override {
        networks_.receiving_ = number_;
        networks_.events_.datagram(number_, message);
    }
    void interface_up(const totem::net::HostAddress& address) override {
        state_ = State::up;
        networks_.events_.network_up(number_, address.address);
    }
    void interface_down() override {
        state_ = State::down;
        networks_.events_.network_down(number_);
    }
    void refused(totem::net::Refusal reason, const NodeAddress& from, totem::Bytes datagram) override {
        networks_.receiving_ = number_;
        networks_.events_.refused(reason, from, datagram);
    }
    void port_closed(const NodeAddress& peer) override { networks_.events_.port_closed(number_, peer); }
    void trouble(std::string_view text) override { networks_.events_.trouble(text); }
    void failed(std::string_view text) override { networks_.events_.failed(text); }

    Networks& networks_;
    const unsigned number_;
    const NodeAddress configured_;
    State state_ = State::starting;

public:
    totem::net::Transport transport;
};

Networks::Networks(boost::asio::io_context& io, const config::ClusterConfig& config, const PacketProtection& protection,
                   Events& events)
    : events_(events) {
    if (config.interfaces.empty()) throw PlanError("No interface is configured");
    for (unsigned i = 0; i < config.interfaces.size(); ++i)
        links_.push_back(std::make_unique<Link>(io, config, protection, i, *this));
}

Networks::~Networks() {
    close();
}

void Networks::start() {
    for (const auto& link : links_)
        link->transport.start();
}

void Networks::close() {
    for (const auto& link : links_)
        link->transport.close();
}

void Networks::check_interfaces() {
    for (const auto& link : links_)
        link->transport.check_interface();
}

void Networks::watch_interfaces(bool periodically) {
    for (const auto& link : links_)
        link->transport.watch_interface(periodically);
}

void Networks::set_active(std::span<const totem::Identity> members) {
    for (const auto& link : links_)
        link->transport.set_active(members);
}

void Networks::reconfigure(const config::ClusterConfig& config) {
    for (unsigned i = 0; i < size(); ++i)
        links_[i]->transport.reconfigure(plan_transport(config, i));
}

bool Networks::all_down() const {
    return std::all_of(links_.begin(), links_.end(),
                       [](const auto& link) { return link->state() == Link::State::down; });
}

std::optional<std::vector<NodeAddress>> Networks::addresses() const {
    if (all_down()) return std::nullopt;
    std::vector<NodeAddress> out;
    for (const auto& link : links_) {
        if (link->state() == Link::State::starting) return std::nullopt;
        out.push_back(link->address());
        if (out.back().family == NodeAddress::kUnused) return std::nullopt;
    }
    return out;
}

std::size_t Networks::overhead() const {
    return links_.front()->transport.overhead();
}

std::size_t Networks::holds(std::size_t packet_size) const {
    std::size_t least = 0;
    for (const auto& link : links_) {
        const std::size_t here = link->transport.holds(packet_size);
        if (here != 0 && (least == 0 || here < least)) least = here;
    }
    return least;
}

totem::net::Counters Networks::counters() const {
    totem::net::Counters sum;
    for (const auto& link : links_)
        sum = sum + link->transport.counters();
    return sum;
}

const NodeAddress& Networks::current_sender() const {
    return links_[receiving_]->transport.current_sender();
}

void Networks::multicast(unsigned network, const totem::FrameRef& frame, Fanout fanout) {
    links_[network]->transport.multicast(frame, fanout);
}

void Networks::unicast(unsigned network, const totem::FrameRef& frame, const totem::Identity& target) {
    links_[network]->transport.unicast(frame, target);
}

void Networks::drain_others(unsigned network) {
    for (unsigned i = 0; i < size(); ++i) {
        if (i != network) links_[i]->transport.read_pending();
    }
    receiving_ = network;
}

void Networks::flush() {
    for (const auto& link : links_)
        link->transport.flush();
}

bool Networks::discard_pending_input() {
    bool any = false;
    for (const auto& link : links_)
        any = link->transport.discard_pending_input() || any;
    return any;
}

}  // namespace engine
