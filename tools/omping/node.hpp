#pragma once
// This node among its remote hosts: a client and a server for each, and who gets which message. Spec omping.md sections
// 6 and 7. No socket, no clock.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tools/omping/client.hpp"
#include "tools/omping/server.hpp"

namespace tools::omping {

struct Remote {
    std::string name;  // as the user wrote it
    Address address;
};

// What a node wants sent.
class NodePort {
public:
    virtual ~NodePort() = default;
    virtual void send(const Endpoint& to, Bytes message) = 0;
    virtual void send_to_group(std::uint16_t port, Bytes message) = 0;
};

// What happens, by number of the remote host.
class NodeObserver {
public:
    virtual ~NodeObserver() = default;
    virtual void waiting(std::size_t) {}
    virtual void joined(std::size_t) {}
    virtual void stopped(std::size_t, StopReason) {}
    virtual void replied(std::size_t, const Reply&) {}
    virtual void asked(std::size_t, const Message&, Duration /*turnaround*/) {}  // a query of the host was handled
};

struct NodeSettings {
    ClientSettings client;
    ServerSettings server;
    bool serves = true;
    std::uint16_t port = 4321;
};

class Node : private ServerEffects {
public:
    Node(const NodeSettings& settings, const std::vector<Remote>& remotes, Random random, NodePort& port,
         NodeObserver& observer);

    void tick(std::size_t host, const Now& now) { peers_[host]->client.tick(now); }
    // `clock` is read when an answer is made.
    void receive(const Reception& reception, const std::function<Now()>& clock);
    // New clients, as if they had just been started; the servers go on.
    void restart_clients(const ClientSettings& settings);
    void restart_client(std::size_t host, const ClientSettings& settings);
    void finish();  // clients stop, servers tell everybody to

    std::size_t size() const { return peers_.size(); }
    Client& client(std::size_t host) { return peers_[host]->client; }
    const Client& client(std::size_t host) const { return peers_[host]->client; }
    const Server& server(std::size_t host) const { return peers_[host]->server; }
    const Remote& remote(std::size_t host) const { return peers_[host]->remote; }
    bool all_stopped() const;

private:
    struct Peer final : ClientEvents {
        Peer(Node& owner, std::size_t position, const Remote& host);
        void send(Bytes message) override { node.port_.send({remote.address, node.settings_.port}, message); }
        void waiting() override { node.observer_.waiting(number); }
        void joined() override { node.observer_.joined(number); }
        void stopped(StopReason reason) override { node.observer_.stopped(number, reason); }
        void replied(const Reply& reply) override { node.observer_.replied(number, reply); }

        Node& node;
        std::size_t number;
        Remote remote;
        Client client;
        Server server;
    };

    Peer* find(const Address& address);
    void stop_sender(const Message& message, const Reception& reception);
    void answer(const Endpoint& to, Bytes message) override { port_.send(to, message); }
    void answer_group(std::uint16_t port, Bytes message) override { port_.send_to_group(port, message); }

    NodeSettings settings_;
    Random random_;
    NodePort& port_;
    NodeObserver& observer_;
    RateLimit strangers_;
    std::vector<std::unique_ptr<Peer>> peers_;  // in the order of the command line
};

}  // namespace tools::omping
