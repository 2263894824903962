#include "engine/ipc/votequorum_frontend.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "engine/ipc/quorum_messages.hpp"
#include "engine/ipc/raw.hpp"

namespace engine::ipc {

using namespace votequorum_wire;
using vote::Instant;
using vote::Machine;
using vote::Result;

namespace {

constexpr std::array<RequestRule, kRequestCount> kRules = [] {
    std::array<RequestRule, kRequestCount> rules{};
    rules[kGetInfo] = {.min_size = sizeof(GetInfoRequest)};
    rules[kSetExpected] = {.min_size = sizeof(SetExpectedRequest)};
    rules[kSetVotes] = {.min_size = sizeof(SetVotesRequest)};
    rules[kTrackStart] = {.min_size = sizeof(TrackStartRequest)};
    rules[kDeviceRegister] = {.min_size = sizeof(DeviceRequest)};
    rules[kDeviceUnregister] = {.min_size = sizeof(DeviceRequest)};
    rules[kDeviceUpdate] = {.min_size = sizeof(DeviceUpdateRequest)};
    rules[kDevicePoll] = {.min_size = sizeof(DevicePollRequest)};
    rules[kDeviceMasterWins] = {.min_size = sizeof(DeviceMasterWinsRequest)};
    return rules;
}();

std::string_view text(const DeviceName& name) {
    return {name.data(), ::strnlen(name.data(), name.size())};
}

void answer(Connection& connection, Result result) {
    connection.respond_error(kStatusResponse, static_cast<CsError>(result));
}

// Of the device in the list of nodes: none of those nodes have, as with corosync.
constexpr std::uint32_t kDeviceState = 0;

}  // namespace

std::span<const RequestRule> VotequorumFrontend::rules() const {
    return kRules;
}

void VotequorumFrontend::connected(Connection& connection) {
    clients_.try_emplace(connection.id(), Client{connection});
}

// A registered device stays registered; its poll timer will find out.
void VotequorumFrontend::disconnected(Connection& connection) {
    service_.forget_client(connection.id());
    clients_.erase(connection.id());
}

Handled VotequorumFrontend::request(Connection& connection, std::uint32_t id, Bytes message) {
    const auto found = clients_.find(connection.id());
    if (found == clients_.end()) return Handled::invalid;
    Client& client = found->second;
    switch (id) {
        case kGetInfo:
            get_info(client, message);
            break;
        case kSetExpected:
            answer(connection, set_expected(message));
            break;
        case kSetVotes:
            answer(connection, set_votes(message));
            break;
        case kTrackStart:
            answer(connection, track_start(client, message));
            break;
        case kTrackStop:
            answer(connection, track_stop(client));
            break;
        case kDeviceRegister:
            register_device(client, message);
            break;
        case kDeviceUnregister:
        case kDeviceUpdate:
        case kDevicePoll:
        case kDeviceMasterWins:
            answer(connection, device_request(id, message));
            break;
        default:
            return Handled::invalid;
    }
    return Handled::done;
}

// --- votes ---

void VotequorumFrontend::get_info(Client& client, Bytes message) {
    const auto info = service_.machine().info(load<GetInfoRequest>(message).node);
    GetInfoResponse response{.header = {.id = kGetInfoResponse}};
    if (info) {
        response.node = info->node;
        response.state = static_cast<std::uint32_t>(info->record.state);
        response.votes = info->record.votes;
        response.expected_votes = info->record.expected_votes;
        response.highest_expected = info->highest_expected;
        response.total_votes = info->total_votes;
        response.quorum = info->quorum;
        response.flags = info->flags;
        response.device_votes = info->device_votes;
        const std::string& name = service_.machine().device_name();
        name.copy(response.device_name.data(), response.device_name.size() - 1);
    } else {
        response.header.error = kCsNotExist;
    }
    client.connection.respond_message(response);
}

Result VotequorumFrontend::set_expected(Bytes message) {
    const auto request = load<SetExpectedRequest>(message);
    return service_.request([&](Machine& machine, Instant) { return machine.set_expected_votes(request.votes); });
}

Result VotequorumFrontend::set_votes(Bytes message) {
    const auto request = load<SetVotesRequest>(message);
    return service_.request(
        [&](Machine& machine, Instant) { return machine.set_node_votes(request.node, request.votes); });
}

// --- tracking ---

Result VotequorumFrontend::track_start(Client& client, Bytes message) {
    const auto request = load<TrackStartRequest>(message);
    const Machine& machine = service_.machine();
    if (request.flags & (kTrackCurrent | kTrackChanges)) {
        send_nodelist(client.connection, request.context, machine.ring(), machine.members());
        send_quorum(client.connection, request.context);
    }
    if (client.tracking) return Result::exist;
    if (request.flags & (kTrackChanges | kTrackChangesOnly)) {
        client.tracking = true;
        client.context = request.context;
    }
    return Result::ok;
}

Result VotequorumFrontend::track_stop(Client& client) {
    if (!client.tracking) return Result::not_exist;
    client.tracking = false;
    return Result::ok;
}

// --- the quorum device ---

void VotequorumFrontend::register_device(Client& client, Bytes message) {
    const auto request = load<DeviceRequest>(message);
    const ConnectionId id = client.connection.id();
    const auto result =
        service_.request([&](Machine& machine, Instant) { return machine.register_device(id, text(request.name)); });
    if (result) answer(client.connection, *result);
}

Result VotequorumFrontend::device_request(std::uint32_t id, Bytes message) {
    return service_.request([&](Machine& machine, Instant now) {
        if (id == kDeviceUnregister) return machine.unregister_device(text(load<DeviceRequest>(message).name), now);
        if (id == kDeviceUpdate) {
            const auto request = load<DeviceUpdateRequest>(message);
            return machine.rename_device(text(request.old_name), text(request.new_name), now);
        }
        if (id == kDevicePoll) {
            const auto request = load<DevicePollRequest>(message);
            return machine.poll_device(text(request.name), request.cast_vote != 0, request.ring.node, request.ring.seq,
                                       now);
        }
        const auto request = load<DeviceMasterWinsRequest>(message);
        return machine.set_master_wins(text(request.name), request.allow != 0, now);
    });
}

void VotequorumFrontend::device_registered(vote::ClientId client, Result result) {
    const auto found = clients_.find(client);
    if (found != clients_.end()) answer(found->second.connection, result);
}

// --- events ---

void VotequorumFrontend::send_quorum(Connection& to, std::uint64_t context) {
    const Machine& machine = service_.machine();
    std::vector<NodeState> nodes;
    for (const auto& [id, record] : machine.nodes())
        nodes.push_back({id, static_cast<std::uint32_t>(record.state)});
    if (machine.device_registered()) nodes.push_back({0, kDeviceState});
    const std::span<const NodeState> list = nodes;
    QuorumEvent event{.header = {.id = votequorum_wire::kQuorum}};
    event.header.size = static_cast<std::int32_t>(sizeof event + list.size_bytes());
    event.quorate = machine.quorate() ? 1 : 0;
    event.context = context;
    event.count = static_cast<std::uint32_t>(nodes.size());
    const std::array<Bytes, 2> chunks{bytes_of(event), bytes_of_list(list)};
    to.event(chunks);
}

void VotequorumFrontend::send_nodelist(Connection& to, std::uint64_t context, const totem::RingId& ring,
                                       std::span<const NodeId> members) {
    NodelistEvent event{.header = {.id = votequorum_wire::kNodelist},
                        .context = context,
                        .ring = {.node = ring.rep.nodeid, .seq = ring.seq}};
    event.header.size = static_cast<std::int32_t>(sizeof event + members.size_bytes());
    event.count = static_cast<std::uint32_t>(members.size());
    const std::array<Bytes, 2> chunks{bytes_of(event), bytes_of_list(members)};
    to.event(chunks);
}

void VotequorumFrontend::quorum_changed() {
    for (auto& [id, client] : clients_) {
        if (client.tracking) send_quorum(client.connection, client.context);
    }
}

void VotequorumFrontend::nodelist(const totem::RingId& ring, std::span<const NodeId> members) {
    for (auto& [id, client] : clients_) {
        if (client.tracking) send_nodelist(client.connection, client.context, ring, members);
    }
}

void VotequorumFrontend::expected_votes_changed(std::uint32_t expected_votes) {
    for (auto& [id, client] : clients_) {
        if (!client.tracking) continue;
        ExpectedVotesEvent event{.header = {.id = votequorum_wire::kExpectedVotes, .size = sizeof(ExpectedVotesEvent)}};
        event.context = client.context;
        event.expected_votes = expected_votes;
        const Bytes chunk = bytes_of(event);
        client.connection.event({&chunk, 1});
    }
}

}  // namespace engine::ipc
