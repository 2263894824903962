#include "engine/ipc/cpg_frontend.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <unordered_map>

#include "engine/ipc/cpg_messages.hpp"
#include "engine/ipc/raw.hpp"
#include "engine/ipc/zero_copy.hpp"
#include "engine/log/log.hpp"

namespace engine::ipc {

using namespace cpg_wire;
using cpg::GroupName;
using log::Level;
using log::Subsystem;

namespace {

constexpr std::size_t kMaxIterations = 64;  // per connection; each holds a copy of the process list

constexpr std::array<RequestRule, kRequestCount> kRules = [] {
    constexpr auto req = FlowClass::req, free = FlowClass::free;
    std::array<RequestRule, kRequestCount> rules{};
    rules[kJoin] = {.min_size = sizeof(JoinRequest), .flow = req};
    rules[kLeave] = {.min_size = sizeof(LeaveRequest), .flow = req};
    rules[kMcast] = {.min_size = sizeof(McastRequest), .flow = req, .answered = false, .hold = true};
    rules[kMembership] = {.min_size = sizeof(MembershipRequest), .flow = free};
    rules[kLocalGet] = {.min_size = sizeof(RequestHeader), .flow = free};
    rules[kIterationInitialize] = {.min_size = sizeof(IterationInitializeRequest), .flow = free};
    rules[kIterationNext] = {.min_size = sizeof(HandleRequest), .flow = free};
    rules[kIterationFinalize] = {.min_size = sizeof(HandleRequest), .flow = free};
    rules[kFinalize] = {.min_size = sizeof(RequestHeader), .flow = req};
    rules[kZcAlloc] = {.min_size = sizeof(ZcAllocRequest), .flow = req};
    rules[kZcFree] = {.min_size = sizeof(ZcFreeRequest), .flow = req};
    rules[kZcExecute] = {.min_size = sizeof(HandleRequest), .flow = req};
    rules[kPartialMcast] = {.min_size = sizeof(PartialMcastRequest), .flow = req, .hold = true};
    return rules;
}();

// Null if the length is more than a name can have.
std::optional<GroupName> group_of(const Name& name) {
    if (name.length > kMaxGroupName) return std::nullopt;
    return GroupName{std::string(name.value.data(), name.length)};
}

Name name_of(const GroupName& group) {
    Name name;
    name.length = static_cast<std::uint32_t>(std::min(group.bytes.size(), kMaxGroupName));
    std::memcpy(name.value.data(), group.bytes.data(), name.length);
    return name;
}

template <typename Event>
ResponseHeader event_header(cpg_wire::Event id, std::size_t following) {
    return {.id = id, .size = static_cast<std::int32_t>(sizeof(Event) + following)};
}

CsError as_error(int result) {
    return static_cast<CsError>(result);
}

struct Iteration {
    std::vector<cpg::Process> entries;
    std::size_t next = 0;
};

struct Client {
    explicit Client(Connection& to) : connection(to) {}

    Connection& connection;
    std::unordered_map<std::uint64_t, Iteration> iterations;
    std::uint64_t next_iteration = 1;
    ZeroCopyBuffers buffers;
};

}  // namespace

struct CpgFrontend::Impl {
    cpg::CpgService* service = nullptr;
    const ExecSender* sender = nullptr;
    std::unordered_map<ConnectionId, Client> clients;
    // Reused, so that events and zero-copy messages do not allocate.
    std::vector<std::uint8_t> lists, zc_message;

    Connection* find(ConnectionId id) {
        const auto found = clients.find(id);
        return found == clients.end() ? nullptr : &found->second.connection;
    }

    Handled join(Client& client, Bytes message);
    Handled leave(Client& client);
    Handled mcast(Client& client, Bytes message);
    Handled partial_mcast(Client& client, Bytes message);
    Handled membership(Client& client, Bytes message);
    Handled local_get(Client& client);
    Handled iteration_initialize(Client& client, Bytes message);
    Handled iteration_next(Client& client, Bytes message);
    Handled iteration_finalize(Client& client, Bytes message);
    Handled finalize(Client& client);
    Handled zc_alloc(Client& client, Bytes message);
    Handled zc_free(Client& client, Bytes message);
    Handled zc_execute(Client& client, Bytes message);
};

// --- joining and leaving ---

Handled CpgFrontend::Impl::join(Client& client, Bytes message) {
    const auto request = load<JoinRequest>(message);
    const auto group = group_of(request.group);
    const int result = group ? service->join(client.connection.id(), *group, request.pid.value, request.flags.value)
                             : static_cast<int>(kCsNameTooLong);
    client.connection.respond_error(kJoinResponse, as_error(result));
    return Handled::done;
}

// The group and pid in the request are not looked at: a client leaves what it joined (section 7.3).
Handled CpgFrontend::Impl::leave(Client& client) {
    client.connection.respond_error(kLeaveResponse, as_error(service->leave(client.connection.id())));
    return Handled::done;
}

Handled CpgFrontend::Impl::finalize(Client& client) {
    client.connection.respond_error(kFinalizeResponse, as_error(service->finalize(client.connection.id())));
    return Handled::done;
}

// --- messages ---

Handled CpgFrontend::Impl::mcast(Client& client, Bytes message) {
    const auto length = load<McastRequest>(message).length.value;
    const Bytes payload = message.subspan(sizeof(McastRequest));
    if (length > payload.size() || length > kMaxPayload) return Handled::invalid;
    const int result = service->mcast(client.connection.id(), payload.first(length));
    if (result == kCsTryAgain) return Handled::retry;
    if (result != kCsOk) {
        log::write(Level::error, Subsystem::cpg, "*** {} (pid {}) can't mcast to its group, error:{}",
                   client.connection.process_name(), client.connection.pid(), result);
    }
    return Handled::done;
}

Handled CpgFrontend::Impl::partial_mcast(Client& client, Bytes message) {
    const auto request = load<PartialMcastRequest>(message);
    const Bytes payload = message.subspan(sizeof(PartialMcastRequest));
    const auto length = request.fragment_length.value, type = request.type.value;
    if (length > payload.size() || length > kMaxPayload || length > request.total_length.value) return Handled::invalid;
    if (type < 1 || type > 3) return Handled::invalid;
    const int result =
        service->partial_mcast(client.connection.id(), request.total_length.value, type, payload.first(length));
    // The library gives up the whole message if it is told to try again (section 7.7): answer later.
    if (result == kCsTryAgain) return Handled::retry;
    client.connection.respond_error(kPartialMcastResponse, as_error(result));
    return Handled::done;
}

// --- questions ---

Handled CpgFrontend::Impl::membership(Client& client, Bytes message) {
    const auto group = group_of(load<MembershipRequest>(message).group);
    if (!group) return Handled::invalid;
    const auto members = service->membership(*group);
    auto response = std::make_unique<MembershipResponse>();
    response->header.id = kMembershipResponse;
    const std::size_t count = std::min(members.size(), kMembershipSlots);
    response->count.value = static_cast<std::uint32_t>(count);
    for (std::size_t i = 0; i < count; ++i) {
        response->members[i].node.value = members[i].node;
        response->members[i].pid.value = members[i].pid;
    }
    client.connection.respond_message(*response);
    return Handled::done;
}

Handled CpgFrontend::Impl::local_get(Client& client) {
    LocalGetResponse response{.header = {.id = kLocalGetResponse}, .node = {sender->local_node()}};
    client.connection.respond_message(response);
    return Handled::done;
}

Handled CpgFrontend::Impl::iteration_initialize(Client& client, Bytes message) {
    const auto request = load<IterationInitializeRequest>(message);
    const auto type = request.type.value;
    GroupName group;
    if (type == kIterateOneGroup) {  // otherwise the name is garbage
        auto name = group_of(request.group);
        if (!name) return Handled::invalid;
        group = std::move(*name);
    }
    IterationInitializeResponse response{.header = {.id = kIterationInitializeResponse}};
    if (client.iterations.size() >= kMaxIterations) {
        response.header.error = kCsNoMemory;
    } else {
        response.handle = client.next_iteration++;
        client.iterations[response.handle].entries = service->snapshot(type, group);
    }
    client.connection.respond_message(response);
    return Handled::done;
}

Handled CpgFrontend::Impl::iteration_next(Client& client, Bytes message) {
    IterationNextResponse response{.header = {.id = kIterationNextResponse}, .group = {}};
    const auto found = client.iterations.find(load<HandleRequest>(message).handle);
    if (found == client.iterations.end()) {
        response.header.error = kCsLibrary;
    } else if (auto& iteration = found->second; iteration.next == iteration.entries.size()) {
        response.header.error = kCsNoSections;
    } else {
        const auto& entry = iteration.entries[iteration.next++];
        response.group = name_of(entry.group);
        response.node = entry.node;
        response.pid = entry.pid;
    }
    client.connection.respond_message(response);
    return Handled::done;
}

Handled CpgFrontend::Impl::iteration_finalize(Client& client, Bytes message) {
    const bool known = client.iterations.erase(load<HandleRequest>(message).handle) != 0;
    client.connection.respond_error(kIterationFinalizeResponse, known ? kCsOk : kCsLibrary);
    return Handled::done;
}

// --- zero-copy buffers ---

Handled CpgFrontend::Impl::zc_alloc(Client& client, Bytes message) {
    const auto request = load<ZcAllocRequest>(message);
    const auto end = std::find(request.path.begin(), request.path.end(), '\0');
    if (end == request.path.end()) return Handled::invalid;
    const std::string_view path(request.path.data(), static_cast<std::size_t>(end - request.path.begin()));
    client.connection.respond_error(kZcResponse, client.buffers.alloc(path, request.map_size, client.connection.uid()));
    return Handled::done;
}

Handled CpgFrontend::Impl::zc_free(Client& client, Bytes message) {
    client.connection.respond_error(kZcResponse, client.buffers.release(load<ZcFreeRequest>(message).address));
    return Handled::done;
}

Handled CpgFrontend::Impl::zc_execute(Client& client, Bytes message) {
    CsError result = client.buffers.load(load<HandleRequest>(message).handle, zc_message);
    if (result == kCsOk) result = as_error(service->mcast(client.connection.id(), zc_message));
    client.connection.respond_error(kZcExecuteResponse, result);
    return Handled::done;
}

// --- the frontend ---

CpgFrontend::CpgFrontend() : impl_(std::make_unique<Impl>()) {}
CpgFrontend::~CpgFrontend() = default;

void CpgFrontend::attach(cpg::CpgService& service, const ExecSender& sender) {
    impl_->service = &service;
    impl_->sender = &sender;
}

std::span<const RequestRule> CpgFrontend::rules() const {
    return kRules;
}

void CpgFrontend::connected(Connection& connection) {
    impl_->clients.try_emplace(connection.id(), connection);
    impl_->service->connected(connection.id());
}

void CpgFrontend::disconnected(Connection& connection) {
    impl_->clients.erase(connection.id());
    impl_->service->disconnected(connection.id());
}

Handled CpgFrontend::request(Connection& connection, std::uint32_t id, Bytes message) {
    const auto found = impl_->clients.find(connection.id());
    if (found == impl_->clients.end()) return Handled::invalid;
    Client& client = found->second;
    switch (id) {
        case kJoin:
            return impl_->join(client, message);
        case kLeave:
            return impl_->leave(client);
        case kMcast:
            return impl_->mcast(client, message);
        case kMembership:
            return impl_->membership(client, message);
        case kLocalGet:
            return impl_->local_get(client);
        case kIterationInitialize:
            return impl_->iteration_initialize(client, message);
        case kIterationNext:
            return impl_->iteration_next(client, message);
        case kIterationFinalize:
            return impl_->iteration_finalize(client, message);
        case kFinalize:
            return impl_->finalize(client);
        case kZcAlloc:
            return impl_->zc_alloc(client, message);
        case kZcFree:
            return impl_->zc_free(client, message);
        case kZcExecute:
            return impl_->zc_execute(client, message);
        case kPartialMcast:
            return impl_->partial_mcast(client, message);
    }
    return Handled::invalid;
}

// --- events ---

namespace {

// A client's arrays hold kMaxClientMembers; what is beyond can't be told to it (section 7.4).
std::uint32_t append(std::vector<std::uint8_t>& out, std::span<const cpg::Address> list) {
    const auto told = list.first(std::min(list.size(), kMaxClientMembers));
    for (const auto& entry : told) {
        const cpg_wire::Address address{{entry.node}, {entry.pid}, {static_cast<std::uint32_t>(entry.reason)}};
        const Bytes bytes = bytes_of(address);
        out.insert(out.end(), bytes.begin(), bytes.end());
    }
    return static_cast<std::uint32_t>(told.size());
}

}  // namespace

void CpgFrontend::confchg(ConnectionId to, const GroupName& group, std::span<const cpg::Address> members,
                          std::span<const cpg::Address> left, std::span<const cpg::Address> joined) {
    Connection* connection = impl_->find(to);
    if (connection == nullptr) return;
    auto& lists = impl_->lists;
    lists.clear();
    ConfchgEvent event{};
    event.group = name_of(group);
    event.member_count.value = append(lists, members);
    event.left_count.value = append(lists, left);
    event.joined_count.value = append(lists, joined);
    event.header = event_header<ConfchgEvent>(kConfchg, lists.size());
    const std::array<Bytes, 2> chunks{bytes_of(event), lists};
    connection->event(chunks);
}

void CpgFrontend::deliver(ConnectionId to, const GroupName& group, NodeId node, std::uint32_t pid, Bytes data) {
    Connection* connection = impl_->find(to);
    if (connection == nullptr) return;
    const DeliverEvent event{.header = event_header<DeliverEvent>(kDeliver, data.size()),
                             .group = name_of(group),
                             .length = {static_cast<std::uint32_t>(data.size())},
                             .node = {node},
                             .pid = {pid}};
    const std::array<Bytes, 2> chunks{bytes_of(event), data};
    connection->event(chunks);
}

void CpgFrontend::partial_deliver(ConnectionId to, const GroupName& group, NodeId node, std::uint32_t pid,
                                  std::uint32_t total_length, std::uint32_t type, Bytes fragment) {
    Connection* connection = impl_->find(to);
    if (connection == nullptr) return;
    const PartialDeliverEvent event{.header = event_header<PartialDeliverEvent>(kPartialDeliver, fragment.size()),
                                    .group = name_of(group),
                                    .total_length = {total_length},
                                    .fragment_length = {static_cast<std::uint32_t>(fragment.size())},
                                    .node = {node},
                                    .pid = {pid},
                                    .type = {type}};
    const std::array<Bytes, 2> chunks{bytes_of(event), fragment};
    connection->event(chunks);
}

void CpgFrontend::totem_confchg(ConnectionId to, NodeId ring_rep, std::uint64_t ring_seq,
                                std::span<const NodeId> members) {
    Connection* connection = impl_->find(to);
    if (connection == nullptr) return;
    const std::size_t list_size = members.size_bytes();
    TotemConfchgEvent event{.header = event_header<TotemConfchgEvent>(kTotemConfchg, list_size),
                            .ring_node = {ring_rep},
                            .ring_seq = ring_seq,
                            .count = static_cast<std::uint32_t>(members.size()),
                            .first_node = 0};
    // The list begins 4 bytes before the end of the fixed part and the size includes 4 unused bytes.
    constexpr std::array<std::uint8_t, sizeof(std::uint32_t)> kTail{};
    const std::array<Bytes, 3> chunks{bytes_of(event).first(offsetof(TotemConfchgEvent, first_node)),
                                      Bytes{reinterpret_cast<const std::uint8_t*>(members.data()), list_size}, kTail};
    connection->event(chunks);
}

}  // namespace engine::ipc
