// Messages in total order, and what local clients hear of them (section 10.5).

#include <algorithm>

#include "engine/services/cpg/impl.hpp"
#include "totem/base/planted.hpp"

namespace engine::cpg {
namespace {

// Part `index` of a list cut into parts of kMaxListed.
std::span<const Address> part(std::span<const Address> list, std::size_t index) {
    const std::size_t from = std::min(index * kMaxListed, list.size());
    return list.subspan(from, std::min(kMaxListed, list.size() - from));
}

}  // namespace

void CpgService::Impl::on_procjoin(NodeId node, const ProcessMessage& message) {
    // In the synchronisation a join counts as announced, or its process would be taken for a zombie.
    if (syncing) joinlists.push_back({node, message.pid, {std::string(message.group)}});
    if (!processes.insert(node, message.pid, message.group)) return;
    if (node == sender.local_node()) {
        for (auto& [id, connection] : connections) {
            if (connection.state == ClientState::join_started && connection.is_process(message.pid, message.group)) {
                connection.state = ClientState::join_completed;
            }
        }
    }
    const Address joined{node, message.pid, Reason::join};
    notify({std::string(message.group)}, {}, {&joined, 1});
}

void CpgService::Impl::on_procleave(NodeId node, const ProcessMessage& message) {
    const GroupName group{std::string(message.group)};
    std::erase_if(joinlists, [&](const Process& entry) {
        return entry.node == node && entry.pid == message.pid && entry.group == group;
    });
    processes.remove(node, message.pid, message.group);
    const bool known = message.reason <= static_cast<std::uint32_t>(Reason::procdown);
    const Address left{node, message.pid, known ? static_cast<Reason>(message.reason) : Reason::procdown};
    notify(group, {&left, 1}, {});
    if (node != sender.local_node() || left.reason != Reason::leave) return;
    for (auto& [id, connection] : connections) {
        if (connection.state == ClientState::leave_started && connection.is_process(message.pid, message.group)) {
            connection.forget_group();
        }
    }
}

void CpgService::Impl::on_joinlist(NodeId node, ByteOrder order, Bytes message) {
    const bool wanted = syncing && is_member(node);
    const bool valid = decode_joinlist(message, order, [&](std::uint32_t pid, std::string_view group) {
        if (wanted) joinlists.push_back({node, pid, {std::string(group)}});
    });
    if (!valid) ++dropped_malformed;
}

// Calls deliver(id, connection) for every local member of the group, unless the sending node has no
// process in it.
template <typename Deliver>
void CpgService::Impl::to_group(NodeId node, std::string_view group, Deliver&& deliver) {
    bool checked = false;
    for (const auto& [id, connection] : connections) {
        if (!connection.hears(group)) continue;
        if (!checked && !processes.node_has_group(node, group)) {
            clients.unknown_sender(connection.group, node);
            return;
        }
        checked = true;
        deliver(id, connection);
    }
}

void CpgService::Impl::on_mcast(NodeId node, const McastMessage& message) {
    to_group(node, message.group, [&](ConnectionId id, const Connection& connection) {
        clients.deliver(id, connection.group, node, message.pid, message.data);
        if (totem::planted(totem::Bug::cpg_deliver_twice)) {
            clients.deliver(id, connection.group, node, message.pid, message.data);
        }
    });
}

void CpgService::Impl::on_partial(NodeId node, const PartialMessage& message) {
    to_group(node, message.group, [&](ConnectionId id, const Connection& connection) {
        clients.partial_deliver(id, connection.group, node, message.pid, message.total_length, message.type,
                                message.data);
    });
}

void CpgService::Impl::notify(const GroupName& group, std::span<const Address> left, std::span<const Address> joined) {
    const bool heard = std::any_of(connections.begin(), connections.end(),
                                   [&](const auto& entry) { return entry.second.hears(group.bytes); });
    if (!heard) return;
    const std::vector<Address> listed = processes.of_group(group.bytes);
    const std::size_t longest = std::max({left.size(), joined.size(), std::size_t{1}});
    for (std::size_t i = 0; i * kMaxListed < longest; ++i) {
        notify_once(group, part(listed, 0), part(left, i), part(joined, i));
    }
    send_initial_totem_confchg();
}

void CpgService::Impl::notify_once(const GroupName& group, std::span<const Address> listed,
                                   std::span<const Address> left, std::span<const Address> joined) {
    for (auto& [id, connection] : connections) {
        if (!connection.hears(group.bytes)) continue;
        ++connection.transitions;
        clients.confchg(id, group, listed, left, joined);
    }
}

void CpgService::Impl::send_initial_totem_confchg() {
    for (auto& [id, connection] : connections) {
        if (!connection.initial_totem_confchg || connection.finalized) continue;
        connection.initial_totem_confchg = false;
        clients.totem_confchg(id, ring.rep.nodeid, ring.seq, old_members);
    }
}

std::uint32_t CpgService::id() const {
    return kCpgService;
}

std::string_view CpgService::name() const {
    return "corosync cluster closed process group service v1.01";
}

std::string_view CpgService::ipc_name() const {
    return "cpg";
}

std::uint32_t CpgService::function_count() const {
    return kFunctionCount;
}

void CpgService::on_exec(std::uint32_t function, NodeId node, ByteOrder order, Bytes message) {
    Impl& self = *impl_;
    if (!self.unsent_leaves.empty()) self.flush_leaves();
    const auto decoded = [&](auto& out) {
        const bool valid = decode(message, order, out);
        if (!valid) ++self.dropped_malformed;
        return valid;
    };
    switch (function) {
        case kProcJoin:
            if (ProcessMessage join; decoded(join)) self.on_procjoin(node, join);
            break;
        case kProcLeave:
            if (ProcessMessage leave; decoded(leave)) self.on_procleave(node, leave);
            break;
        case kJoinList:
            self.on_joinlist(node, order, message);
            break;
        case kMcast:
            if (McastMessage mcast; decoded(mcast)) self.on_mcast(node, mcast);
            break;
        case kPartialMcast:
            if (PartialMessage partial; decoded(partial)) self.on_partial(node, partial);
            break;
        default:  // downlists: every node uses its own only
            break;
    }
}

totem::sync::Participant* CpgService::participant() {
    return this;
}

}  // namespace engine::cpg
