// The client side: states, requests and the answers to them (section 10.4).

#include "engine/services/cpg/cpg_service.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "engine/services/cpg/impl.hpp"
#include "totem/base/planted.hpp"

namespace engine::cpg {
namespace {

constexpr std::uint32_t kDeliverInitialTotemConf = 1;
enum PartialType : std::uint32_t { kFirst = 1 };

}  // namespace

Connection* CpgService::Impl::find(ConnectionId id) {
    const auto found = connections.find(id);
    return found == connections.end() ? nullptr : &found->second;
}

bool CpgService::Impl::send_process(Function function, std::uint32_t pid, const GroupName& group, Reason reason) {
    const auto body = encode(ProcessMessage{group.bytes, pid, static_cast<std::uint32_t>(reason)}, sender.order());
    const Bytes chunk = body;
    return sender.multicast(kCpgService, function, {&chunk, 1});
}

// A closed connection cannot be told to try again, so its procleave is ours to repeat. While services synchronise it
// has to wait: it would overtake what the process sent before the change (section 8.3). A procjoin that arrived after
// its procleave would leave a ghost on every node.
void CpgService::Impl::flush_leaves() {
    if (in_transition && !totem::planted(totem::Bug::cpg_leave_overtakes_join)) return;
    std::size_t sent = 0;
    while (sent < unsent_leaves.size() &&
           send_process(kProcLeave, unsent_leaves[sent].pid, unsent_leaves[sent].group, Reason::procdown)) {
        ++sent;
    }
    unsent_leaves.erase(unsent_leaves.begin(), unsent_leaves.begin() + static_cast<std::ptrdiff_t>(sent));
}

CpgService::CpgService(ExecSender& sender, CpgClients& clients) : impl_(std::make_unique<Impl>(sender, clients)) {}

CpgService::~CpgService() = default;

void CpgService::connected(ConnectionId connection) {
    impl_->connections.try_emplace(connection);
}

void CpgService::disconnected(ConnectionId id) {
    const auto found = impl_->connections.find(id);
    if (found == impl_->connections.end()) return;
    const Connection connection = std::move(found->second);
    impl_->connections.erase(found);
    if (!connection.has_group || connection.state == ClientState::leave_started) return;
    impl_->unsent_leaves.push_back({impl_->sender.local_node(), connection.pid, connection.group});
    impl_->flush_leaves();
}

// The checks that come before the state table, in this order (client-ipc.md section 7.2).
int CpgService::Impl::checked_join(Connection& connection, const GroupName& group, std::uint32_t pid) {
    for (const auto& [id, other] : connections) {
        if (!other.finalized && other.is_process(pid, group.bytes)) return kExist;
    }
    if (processes.contains(sender.local_node(), pid, group.bytes)) return kTryAgain;  // a leave is in flight
    // Or still waits, and a procjoin would overtake it.
    if (std::any_of(unsent_leaves.begin(), unsent_leaves.end(),
                    [&](const Process& left) { return left.pid == pid && left.group.bytes == group.bytes; }))
        return kTryAgain;
    if (group.bytes.size() > kMaxGroupNameLength) return kNameTooLong;
    switch (connection.state) {
        case ClientState::unjoined:
            return kOk;
        case ClientState::leave_started:
            return kBusy;
        default:
            return kExist;
    }
}

int CpgService::join(ConnectionId id, const GroupName& group, std::uint32_t pid, std::uint32_t flags) {
    Connection* const connection = impl_->find(id);
    if (!connection) return kNotExist;
    if (const int status = impl_->checked_join(*connection, group, pid); status != kOk) return status;
    if (!impl_->send_process(kProcJoin, pid, group, Reason::join)) return kTryAgain;
    connection->state = ClientState::join_started;
    connection->has_group = true;
    connection->pid = pid;
    connection->group = group;
    connection->initial_totem_confchg = (flags & kDeliverInitialTotemConf) != 0;
    if (totem::planted(totem::Bug::cpg_apply_join_on_send)) {
        impl_->on_procjoin(impl_->sender.local_node(), {group.bytes, pid, 0});
    }
    return kOk;
}

int CpgService::leave(ConnectionId id) {
    Connection* const connection = impl_->find(id);
    if (!connection) return kNotExist;
    if (connection->state == ClientState::join_started) return kBusy;
    if (connection->state != ClientState::join_completed) return kNotExist;
    if (!impl_->send_process(kProcLeave, connection->pid, connection->group, Reason::leave)) return kTryAgain;
    connection->state = ClientState::leave_started;
    return kOk;
}

int CpgService::mcast(ConnectionId id, Bytes data) {
    const Connection* const connection = impl_->find(id);
    if (!connection || !connection->may_send()) return kNotExist;
    const McastMessage message{connection->group.bytes, connection->pid, id, data};
    const auto head = encode_head(message, impl_->sender.local_node(), impl_->sender.order());
    const std::array<Bytes, 2> body{Bytes(head), data};
    return impl_->sender.multicast(kCpgService, kMcast, body) ? kOk : kTryAgain;
}

int CpgService::partial_mcast(ConnectionId id, std::uint32_t total_length, std::uint32_t type, Bytes fragment) {
    Connection* const connection = impl_->find(id);
    if (!connection || !connection->may_send()) return kNotExist;
    if (type == kFirst) connection->partial_started_at = connection->transitions;
    if (connection->partial_started_at != connection->transitions) return kInterrupt;
    const PartialMessage message{connection->group.bytes, connection->pid, total_length, type, id, fragment};
    const auto head = encode_head(message, impl_->sender.local_node(), impl_->sender.order());
    const std::array<Bytes, 2> body{Bytes(head), fragment};
    return impl_->sender.multicast(kCpgService, kPartialMcast, body) ? kOk : kTryAgain;
}

int CpgService::finalize(ConnectionId id) {
    if (Connection* const connection = impl_->find(id)) connection->finalized = true;
    return kOk;
}

std::vector<Address> CpgService::membership(const GroupName& group) const {
    std::vector<Address> members = impl_->processes.of_group(group.bytes);
    if (members.size() > kMaxMembership) members.resize(kMaxMembership);
    return members;
}

std::vector<Process> CpgService::snapshot(std::uint32_t type, const GroupName& group) const {
    return impl_->processes.snapshot(type, group.bytes);
}

CpgService::Counts CpgService::counts() const {
    std::set<std::string_view> groups;
    for (const Process& process : impl_->processes.all())
        groups.insert(process.group.bytes);
    return {groups.size(), impl_->processes.all().size(), impl_->processes.of_node(impl_->sender.local_node()).size()};
}

std::span<const NodeId> CpgService::last_synced_members() const {
    return impl_->old_members;
}

std::uint64_t CpgService::dropped_malformed() const {
    return impl_->dropped_malformed;
}

}  // namespace engine::cpg
