#include "tests/sim/clients.hpp"

#include <algorithm>
#include <cstring>

#include "tests/sim/hash.hpp"
#include "tests/sim/node.hpp"

namespace totem::sim {
namespace {

using engine::cpg::Address;
using engine::cpg::ConnectionId;
using engine::cpg::GroupName;
using engine::cpg::Process;
using engine::cpg::Reason;

constexpr ConnectionId kObserver = 0xFFFFFFFF;  // hears totem configurations, joins no group
constexpr std::uint32_t kLabelMagic = 0x70C0FFEE;
constexpr std::size_t kLabelSize = 12;

GroupName group_name(std::uint32_t group) {
    return {std::string(group == 3 ? 128 : group * 5 + 1, static_cast<char>('a' + group))};
}

MessageLabel read_label(Bytes data) {
    if (data.size() < kLabelSize) return {};
    Reader in(data, kNativeOrder);
    if (in.u32() != kLabelMagic) return {};
    const std::uint32_t client = in.u32();
    return {client, in.u32()};
}

}  // namespace

void Clients::attach(engine::cpg::CpgService& service) {
    service_ = &service;
    service_->connected(kObserver);
}

Clients::Client* Clients::find(ConnectionId id) {
    const auto found = std::ranges::find_if(clients_, [&](const Client& client) { return client.id == id; });
    return found == clients_.end() ? nullptr : &*found;
}

void Clients::remove_done() {
    for (const Client& client : clients_)
        if (client.done) service_->disconnected(client.id);
    std::erase_if(clients_, [](const Client& client) { return client.done; });
}

bool Clients::admitted(std::size_t size) const {
    const auto& stack = node_.process_->stack;
    auto& groups = node_.process_->stack.groups();
    return !stack.sync_in_progress() && size + 200 < groups.size_limit() && groups.can_send(size + 200);
}

std::size_t Clients::some_size() {
    Rng& rng = node_.around_.traffic_rng;
    const std::size_t largest = node_.around_.scenario.traffic.largest;
    const std::uint64_t roll = rng.below(1000);
    const std::int64_t top = roll < 600 ? 200 : roll < 900 ? 2000 : roll < 985 ? 20000 : roll < 998 ? 200000 : 1047552;
    return static_cast<std::size_t>(rng.range(1, std::min(top, static_cast<std::int64_t>(largest))));
}

bool Clients::open() {
    if (!admitted(200)) return false;
    Surroundings& around = node_.around_;
    Client client;
    client.id = around.next_client++;
    client.group = static_cast<std::uint32_t>(around.traffic_rng.below(around.scenario.traffic.groups));
    // Process ids repeat among nodes and groups, as in life.
    client.pid = 100 + static_cast<std::uint32_t>(around.traffic_rng.below(40));
    service_->connected(client.id);
    const std::uint32_t flags = around.traffic_rng.chance(0.2) ? 1 : 0;
    if (service_->join(client.id, group_name(client.group), client.pid, flags) != 1) {
        service_->disconnected(client.id);
        return false;
    }
    clients_.push_back(client);
    around.trace.line(around.now, node_.id(), "client {} pid {} joins group {}", client.id, client.pid, client.group);
    around.cpg.opened(node_.who_, client.id, client.group, client.pid);
    return true;
}

bool Clients::send(Client& client, std::size_t size, bool partial) {
    if (client.leaving || client.done || !admitted(size)) return false;
    buffer_.resize(size);
    std::uint64_t fill = mix(client.id, client.counter + 1);
    for (std::size_t i = 0; i < size; i += 8) {
        const std::uint64_t word = splitmix(fill);
        std::memcpy(buffer_.data() + i, &word, std::min<std::size_t>(8, size - i));
    }
    const bool labelled = size >= kLabelSize;
    Writer out(buffer_, kNativeOrder);
    if (labelled) out.u32(kLabelMagic), out.u32(client.id), out.u32(client.counter + 1);
    Surroundings& around = node_.around_;
    // A fragment that is the first and the last in one keeps the rules of section 10.7.
    const int answer = partial ? service_->partial_mcast(client.id, static_cast<std::uint32_t>(size), 1, buffer_)
                               : service_->mcast(client.id, buffer_);
    around.trace.line(around.now, node_.id(), "client {} sends {} bytes, number {}: {}", client.id, size,
                      client.counter + 1, answer);
    if (answer != 1) return false;
    if (labelled) around.cpg.submitted(client.id, ++client.counter, hash_bytes(buffer_));
    return true;
}

void Clients::tick() {
    remove_done();
    Surroundings& around = node_.around_;
    Rng& rng = around.traffic_rng;
    if (clients_.empty() || (clients_.size() < around.scenario.traffic.clients_per_node && rng.chance(0.4))) {
        open();
        return;
    }
    Client& client = clients_[rng.below(clients_.size())];
    const std::uint64_t roll = rng.below(100);
    if (roll < 6) {
        if (!client.leaving && admitted(200) && service_->leave(client.id) == 1) client.leaving = true;
        around.trace.line(around.now, node_.id(), "client {} leaves: {}", client.id, client.leaving);
    } else if (roll < 12) {
        // The process dies; whether services synchronise does not matter to it.
        around.trace.line(around.now, node_.id(), "client {} dies", client.id);
        around.cpg.closed(client.id);
        client.done = true;
        remove_done();
    } else {
        const std::int64_t burst = rng.chance(0.1) ? rng.range(2, 20) : 1;
        for (std::int64_t i = 0; i < burst; ++i)
            send(client, some_size(), rng.chance(0.05));
    }
}

void Clients::flood() {
    remove_done();
    if (clients_.empty()) return;
    // A full normal queue takes thousands of packets; large messages fill it quickly.
    const std::size_t size = node_.setup_.packet_size * 20;
    for (int i = 0; i < 12 && send(clients_.front(), size, false); ++i) {
    }
    for (int i = 0; i < 40 && send(clients_.front(), 1 + static_cast<std::size_t>(i), false); ++i) {
    }
}

void Clients::stream() {
    if (!ensure()) return;
    for (std::size_t i = 0; i < 3; ++i)
        send(clients_.front(), 20 + i, false);
}

void Clients::send_long() {
    remove_done();
    if (!clients_.empty()) send(clients_.front(), node_.setup_.packet_size * 8, false);
}

bool Clients::ensure() {
    remove_done();
    return std::ranges::any_of(clients_, [](const Client& client) { return !client.leaving; }) || open();
}

bool Clients::speak() {
    bool all = true;
    for (Client& client : clients_)
        if (!client.leaving && !client.done) all &= send(client, 64, false);
    return all;
}

void Clients::confchg(ConnectionId to, const GroupName&, std::span<const Address> members,
                      std::span<const Address> left, std::span<const Address> joined) {
    Client* client = find(to);
    if (node_.silent() || client == nullptr || client->done) return;
    Surroundings& around = node_.around_;
    around.trace.line(around.now, node_.id(), "client {} sees {} members, {} left, {} joined", client->id,
                      members.size(), left.size(), joined.size());
    around.cpg.view(client->id, members, left, joined);
    for (const Address& entry : left) {
        if (entry.node != node_.id() || entry.pid != client->pid || entry.reason != Reason::leave) continue;
        around.cpg.closed(client->id);
        client->done = true;
    }
}

void Clients::deliver(ConnectionId to, const GroupName&, NodeId node, std::uint32_t pid, Bytes data) {
    const Client* client = find(to);
    if (node_.silent() || client == nullptr || client->done) return;
    Surroundings& around = node_.around_;
    const MessageLabel label = read_label(data);
    around.trace.line(around.now, node_.id(), "client {} hears {} bytes of {}.{} ({} number {})", client->id,
                      data.size(), node, pid, label.client, label.counter);
    around.cpg.message(client->id, node, pid, label, hash_bytes(data));
}

void Clients::partial_deliver(ConnectionId to, const GroupName& group, NodeId node, std::uint32_t pid, std::uint32_t,
                              std::uint32_t, Bytes fragment) {
    deliver(to, group, node, pid, fragment);
}

// The service says this at the end of its activation.
void Clients::totem_confchg(ConnectionId to, NodeId, std::uint64_t, std::span<const NodeId>) {
    if (node_.silent() || to != kObserver) return;
    const auto list = service_->snapshot(3, {});
    node_.around_.cpg.activated(node_.who_, node_.regular_, list);
}

}  // namespace totem::sim
