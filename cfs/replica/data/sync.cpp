// Who has the newest tree, and how the others get it (pmxcfs-wire.md 5.5 to 5.7).

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "cfs/replica/data/data.hpp"
#include "cfs/replica/data/operations.hpp"
#include "totem/base/planted.hpp"

namespace cfs::replica {
namespace {

std::size_t elect(std::span<const Index> indexes) {
    std::size_t leader = 0;
    for (std::size_t i = 1; i < indexes.size(); ++i) {
        const bool better = totem::planted(totem::Bug::cfs_follow_the_oldest) ? outranks(indexes[leader], indexes[i])
                                                                              : outranks(indexes[i], indexes[leader]);
        if (better) leader = i;
    }
    return leader;
}

bool same_bytes(Bytes a, Bytes b) {
    return std::ranges::equal(a, b);
}

}  // namespace

std::optional<Buffer> Data::state(Group&, Now) {
    return tree().index().encode();
}

bool Data::examine(Group& group, Now now, std::span<MemberState> states) {
    std::vector<Index> indexes;
    indexes.reserve(states.size());
    for (const MemberState& state : states) {
        auto index = Index::decode(state.state);
        if (!index) {
            group.report(Severity::critical, index.text());
            return false;
        }
        indexes.push_back(std::move(*index));
    }
    const std::size_t leader = elect(indexes);
    const MemberId id = states[leader].id;
    group.report(Severity::notice, fmt::format("leader is {}/{}", id.nodeid, id.pid));
    std::string synced = fmt::format("synced members: {}/{}", id.nodeid, id.pid);
    for (std::size_t i = 0; i < states.size(); ++i) {
        states[i].synced = same_bytes(states[i].state, states[leader].state);
        if (states[i].synced && i != leader) synced += fmt::format(", {}/{}", states[i].id.nodeid, states[i].id.pid);
    }
    group.report(Severity::notice, synced);
    if (id == group.self()) send_updates(group, now, indexes, leader);
    leader_index_ = std::move(indexes[leader]);
    return true;
}

void Data::send_updates(Group& group, Now now, std::span<const Index> indexes, std::size_t leader) {
    std::set<Inode> inodes;
    for (const Index& index : indexes)
        inodes.merge([&] {
            const auto missing = missing_or_different(indexes[leader], index);
            return std::set<Inode>(missing.begin(), missing.end());
        }());
    group.report(Severity::notice, "start sending inode updates");
    if (totem::planted(totem::Bug::cfs_skip_last_update) && inodes.size() > 2) inodes.erase(*inodes.rbegin());
    for (const Inode inode : inodes)
        if (const Entry* const entry = tree().entries().find(inode))
            group.send_update(now, inode, encode_update(*entry));
    group.report(Severity::notice, fmt::format("sent all ({}) updates", inodes.size()));
    group.send_update_complete(now);
}

bool Data::update(Group& group, Now, Bytes payload) {
    const auto message = decode_update(payload);
    if (!message) {
        group.report(Severity::critical, message.problem());
        return false;
    }
    received_.push_back(to_entry(*message));
    return true;
}

// Verified in memory before anything is written. If it fails nothing has happened: leave, come back, try again.
bool Data::commit(Group& group, Now now) {
    group.report(Severity::notice,
                 fmt::format("update complete - trying to commit (got {} inode updates)", received_.size()));
    if (!leader_index_) return false;
    for (Entry& entry : received_)
        restore_missing_content(entry, *leader_index_);
    auto adopted = adopt(tree(), *leader_index_, std::move(received_), now.seconds);
    received_.clear();
    if (!adopted) {
        group.report(Severity::critical, adopted.text());
        return false;
    }
    owner_.change([&](Tree& tree) { tree = std::move(adopted->tree); });
    observer_.changed(adopted->change);
    observer_.export_cluster_config(false);
    return true;
}

void Data::forget_sync() {
    leader_index_.reset();
    received_.clear();
}

}  // namespace cfs::replica
