#include "engine/ipc/quorum_frontend.hpp"

#include <array>

#include "engine/ipc/quorum_messages.hpp"
#include "engine/ipc/raw.hpp"

namespace engine::ipc {

using namespace quorum_wire;

namespace {

constexpr std::uint32_t kNewestModel = 1;

constexpr std::array<RequestRule, kRequestCount> kRules = [] {
    std::array<RequestRule, kRequestCount> rules{};
    rules[kTrackStart] = {.min_size = sizeof(TrackStartRequest)};
    rules[kModelGetType] = {.min_size = sizeof(ModelGetTypeRequest)};
    return rules;
}();

// The fixed part up to its list, the lists, and the bytes the size has too many.
template <typename EventType>
void send(Connection& to, EventType& event, std::initializer_list<std::span<const NodeId>> lists) {
    constexpr std::size_t fixed = offsetof(EventType, first_node);
    constexpr std::array<std::uint8_t, sizeof(EventType) - fixed> tail{};
    std::size_t size = sizeof(EventType);
    for (const auto& list : lists)
        size += list.size_bytes();
    event.header.size = static_cast<std::int32_t>(size);
    std::vector<Bytes> chunks{bytes_of(event).first(fixed)};
    for (const auto& list : lists)
        chunks.push_back(bytes_of_list(list));
    chunks.push_back(tail);
    to.event(chunks);
}

std::uint32_t count_of(std::span<const NodeId> list) {
    return static_cast<std::uint32_t>(list.size());
}

}  // namespace

std::span<const RequestRule> QuorumFrontend::rules() const {
    return kRules;
}

void QuorumFrontend::connected(Connection& connection) {
    clients_.try_emplace(connection.id(), Client{connection});
}

void QuorumFrontend::disconnected(Connection& connection) {
    clients_.erase(connection.id());
}

Handled QuorumFrontend::request(Connection& connection, std::uint32_t id, Bytes message) {
    const auto found = clients_.find(connection.id());
    if (found == clients_.end()) return Handled::invalid;
    Client& client = found->second;
    switch (id) {
        case kGetQuorate:
            get_quorate(client);
            return Handled::done;
        case kTrackStart:
            track_start(client, message);
            return Handled::done;
        case kTrackStop:
            client.tracking = false;
            connection.respond_error(kTrackStopResponse, kCsOk);  // also if it was not tracking
            return Handled::done;
        case kGetType:
            get_type(client);
            return Handled::done;
        case kModelGetType:
            model_get_type(client, message);
            return Handled::done;
        default:
            return Handled::invalid;
    }
}

void QuorumFrontend::get_quorate(Client& client) {
    NumberResponse response{.header = {.id = kGetQuorateResponse}, .value = service_.quorate() ? 1U : 0U};
    client.connection.respond_message(response);
}

void QuorumFrontend::track_start(Client& client, Bytes message) {
    const auto flags = load<TrackStartRequest>(message).flags;
    // The status comes before the answer, and even if that is a refusal.
    if (flags & (kTrackCurrent | kTrackChanges)) {
        if (client.model == 1) send_nodelist(client, service_.ring(), service_.members(), {}, {});
        send_quorum(client);
    }
    if (client.tracking) return client.connection.respond_error(kTrackStartResponse, kCsExist);
    if (flags & (kTrackChanges | kTrackChangesOnly)) client.tracking = true;
    client.connection.respond_error(kTrackStartResponse, kCsOk);
}

void QuorumFrontend::get_type(Client& client) {
    NumberResponse response{.header = {.id = kGetTypeResponse}, .value = service_.provided() ? 1U : 0U};
    client.connection.respond_message(response);
}

void QuorumFrontend::model_get_type(Client& client, Bytes message) {
    const auto model = load<ModelGetTypeRequest>(message).model;
    NumberResponse response{.header = {.id = kModelGetTypeResponse}, .value = service_.provided() ? 1U : 0U};
    if (model > kNewestModel) {
        response.header.error = kCsInvalidParam;
    } else {
        client.model = model;
    }
    client.connection.respond_message(response);
}

// --- events ---

void QuorumFrontend::send_quorum(Client& client) {
    const auto view = service_.view();
    if (client.model == 0) {
        NotificationEvent event{.header = {.id = kNotification}};
        event.quorate = service_.quorate();
        event.ring_seq = service_.view_ring().seq;
        event.count = count_of(view);
        return send(client.connection, event, {view});
    }
    QuorumEvent event{.header = {.id = quorum_wire::kQuorum},
                      .quorate = service_.quorate(),
                      .ring = {.node = service_.view_ring().rep.nodeid, .seq = service_.view_ring().seq}};
    event.count = count_of(view);
    send(client.connection, event, {view});
}

void QuorumFrontend::send_nodelist(Client& client, const totem::RingId& ring, std::span<const NodeId> members,
                                   std::span<const NodeId> joined, std::span<const NodeId> left) {
    NodelistEvent event{.header = {.id = quorum_wire::kNodelist}, .ring = {.node = ring.rep.nodeid, .seq = ring.seq}};
    event.members = count_of(members);
    event.joined = count_of(joined);
    event.left = count_of(left);
    send(client.connection, event, {members, joined, left});
}

void QuorumFrontend::nodelist(const totem::RingId& ring, std::span<const NodeId> members,
                              std::span<const NodeId> joined, std::span<const NodeId> left) {
    for (auto& [id, client] : clients_) {
        if (client.tracking && client.model == 1) send_nodelist(client, ring, members, joined, left);
    }
}

void QuorumFrontend::quorum_changed() {
    for (auto& [id, client] : clients_) {
        if (client.tracking) send_quorum(client);
    }
}

}  // namespace engine::ipc
