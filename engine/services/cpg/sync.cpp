// The part of CPG in the synchronisation (section 10.6).

#include <algorithm>
#include <map>

#include "engine/services/cpg/impl.hpp"
#include "totem/base/planted.hpp"

namespace engine::cpg {
namespace {

using totem::Bug;
using totem::planted;

// A joinlist stays below the largest message; receivers add up the lists of one node.
constexpr std::size_t kMaxJoinListEntries = 4096;

bool contains(std::span<const NodeId> nodes, NodeId node) {
    return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

bool same(const Process& a, const Process& b) {
    return a.node == b.node && a.pid == b.pid && a.group == b.group;
}

bool lists(const std::vector<Process>& processes, const Process& process) {
    return std::any_of(processes.begin(), processes.end(), [&](const Process& other) { return same(other, process); });
}

}  // namespace

bool CpgService::Impl::is_member(NodeId node) const {
    return contains(members, node);
}

std::uint32_t CpgService::service_id() const {
    return kCpgService;
}

std::string_view CpgService::service_name() const {
    return name();
}

void CpgService::sync_init(std::span<const NodeId> transitional, std::span<const NodeId> members,
                           const totem::RingId& ring) {
    Impl& self = *impl_;
    self.members.assign(members.begin(), members.end());
    self.ring = ring;
    self.downlist.clear();
    for (NodeId node : self.old_members) {
        if (!contains(transitional, node)) self.downlist.push_back(node);
    }
    // A change in BARRIER state does not reach sync_abort(): what a node that died since had announced
    // would come back as ghosts.
    if (!planted(Bug::cpg_keep_joinlists)) self.joinlists.clear();
    self.downlist_sent = false;
    self.syncing = true;
}

bool CpgService::Impl::send_downlist() {
    const auto body = encode_downlist(static_cast<std::uint32_t>(old_members.size()), downlist, sender.order());
    const Bytes chunk = body;
    return sender.multicast(kCpgService, kDownList, {&chunk, 1});
}

bool CpgService::Impl::send_joinlist() {
    // Processes whose procleave waits are named, too: it comes after the synchronisation for everybody.
    const std::span<const Process> own = processes.of_node(sender.local_node());
    for (std::size_t at = 0; at < own.size(); at += kMaxJoinListEntries) {
        const std::size_t count = std::min(kMaxJoinListEntries, own.size() - at);
        const auto body = encode_joinlist(own.subspan(at, count), sender.order());
        const Bytes chunk = body;
        if (!sender.multicast(kCpgService, kJoinList, {&chunk, 1})) return false;
    }
    return true;
}

bool CpgService::sync_process(totem::Instant) {
    Impl& self = *impl_;
    if (!self.downlist_sent) self.downlist_sent = self.send_downlist();
    return self.downlist_sent && self.send_joinlist();
}

void CpgService::Impl::apply_downlist() {
    if (planted(Bug::cpg_ignore_nodedown)) return;
    std::map<GroupName, std::vector<Address>> left;
    for (Process& gone : processes.take_if([&](const Process& p) { return contains(downlist, p.node); })) {
        left[std::move(gone.group)].push_back({gone.node, gone.pid, Reason::nodedown});
    }
    for (const auto& [group, addresses] : left)
        notify(group, addresses, {});
}

// Newest entries first, as peers do it: the order shows in the joined lists.
void CpgService::Impl::apply_joinlists() {
    const bool one_event_per_process = sender.dialect() == totem::Dialect::v2;
    std::map<GroupName, std::vector<Address>> joined;
    for (auto entry = joinlists.rbegin(); entry != joinlists.rend(); ++entry) {
        if (entry->node == sender.local_node()) continue;
        if (!processes.insert(entry->node, entry->pid, entry->group.bytes)) continue;
        const Address address{entry->node, entry->pid, Reason::nodeup};
        if (one_event_per_process) {
            notify(entry->group, {}, {&address, 1});
        } else {
            joined[entry->group].push_back(address);
        }
    }
    for (const auto& [group, addresses] : joined)
        notify(group, {}, addresses);
}

// Remote processes their own node does not announce any more. The members of each event still list the
// zombies behind it, as one event removes one process.
void CpgService::Impl::remove_zombies() {
    std::vector<Process> zombies;
    for (const Process& process : processes.all()) {
        if (process.node != sender.local_node() && !lists(joinlists, process)) zombies.push_back(process);
    }
    for (const Process& zombie : zombies) {
        processes.remove(zombie.node, zombie.pid, zombie.group.bytes);
        const Address left{zombie.node, zombie.pid, Reason::procdown};
        notify(zombie.group, {&left, 1}, {});
    }
}

void CpgService::sync_activate(totem::Instant) {
    Impl& self = *impl_;
    self.old_members = self.members;
    self.apply_downlist();
    self.apply_joinlists();
    self.remove_zombies();
    self.joinlists.clear();
    self.syncing = false;
    for (const auto& [id, connection] : self.connections) {
        if (!connection.finalized) {
            self.clients.totem_confchg(id, self.ring.rep.nodeid, self.ring.seq, self.old_members);
        }
    }
}

void CpgService::sync_abort() {
    impl_->joinlists.clear();
    impl_->syncing = false;
}

void CpgService::sync_announced() {
    impl_->in_transition = true;
}

void CpgService::sync_finished(totem::Instant) {
    impl_->in_transition = false;
    impl_->flush_leaves();
}

}  // namespace engine::cpg
