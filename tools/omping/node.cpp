#include "tools/omping/node.hpp"

#include <algorithm>

namespace tools::omping {
namespace {

using namespace std::chrono_literals;

// Who is not in the list gets its "stop", so that an omping with another list ends, but nobody is flooded through us.
constexpr Duration kStrangerInterval = 100ms;

bool known_type(const Message& message) {
    return message.is(Type::init) || message.is(Type::query) || message.is(Type::response) || message.is(Type::answer);
}

}  // namespace

Node::Peer::Peer(Node& owner, std::size_t position, const Remote& host)
    : node(owner),
      number(position),
      remote(host),
      client(owner.settings_.client, owner.random_, *this),
      server(owner.settings_.server, owner.random_) {}

Node::Node(const NodeSettings& settings, const std::vector<Remote>& remotes, Random random, NodePort& port,
           NodeObserver& observer)
    : settings_(settings), random_(std::move(random)), port_(port), observer_(observer), strangers_(kStrangerInterval) {
    for (const Remote& remote : remotes)
        peers_.push_back(std::make_unique<Peer>(*this, peers_.size(), remote));
}

void Node::restart_clients(const ClientSettings& settings) {
    for (std::size_t host = 0; host < peers_.size(); ++host)
        restart_client(host, settings);
}

void Node::restart_client(std::size_t host, const ClientSettings& settings) {
    peers_[host]->client = Client(settings, random_, *peers_[host]);
}

Node::Peer* Node::find(const Address& address) {
    const auto found =
        std::ranges::find_if(peers_, [&](const auto& peer) { return same_host(peer->remote.address, address); });
    return found == peers_.end() ? nullptr : found->get();
}

// Never in answer to an answer: two of us would not end.
void Node::stop_sender(const Message& message, const Reception& reception) {
    if (message.is(Type::response) || message.is(Type::answer)) return;
    if (!strangers_.admits(reception.at.monotonic)) return;
    port_.send(reception.from, encode_stop(message, settings_.server.information));
}

void Node::receive(const Reception& reception, const std::function<Now()>& clock) {
    const auto message = decode(reception.bytes);
    if (!message) return;
    const bool request = message->is(Type::init) || message->is(Type::query);
    if (request && (reception.group || !settings_.serves)) return;
    if (!known_type(*message) || message->version != kProtocolVersion) {
        if (!reception.group && settings_.serves) stop_sender(*message, reception);
        return;
    }
    Peer* peer = find(reception.from.address);
    if (peer == nullptr) return stop_sender(*message, reception);
    if (!request) return peer->client.receive(*message, reception);
    peer->server.receive(*message, reception, clock(), *this);
    observer_.asked(peer->number, *message, clock().monotonic - reception.at.monotonic);
}

void Node::finish() {
    for (const auto& peer : peers_) {
        peer->client.stop();
        peer->server.finish();
    }
}

bool Node::all_stopped() const {
    return std::ranges::all_of(peers_, [](const auto& peer) { return peer->client.state() == Client::State::stopped; });
}

}  // namespace tools::omping
