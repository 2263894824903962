#include "engine/daemon/membership_log.hpp"

#include <algorithm>

#include "engine/daemon/say.hpp"

namespace engine {
namespace {

constexpr std::size_t kLineLimit = 63;  // characters of ids

bool contains(std::span<const totem::NodeId> ids, totem::NodeId id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

std::vector<totem::NodeId> node_ids(std::span<const totem::Identity> nodes) {
    std::vector<totem::NodeId> out;
    for (const totem::Identity& node : nodes)
        out.push_back(node.nodeid);
    return out;
}

}  // namespace

std::vector<std::string> id_lines(std::string_view label, std::span<const totem::NodeId> ids) {
    std::vector<std::string> out;
    const std::string start = fmt::format("{}[{}]:", label, ids.size());
    std::string list;
    for (totem::NodeId id : ids) {
        std::string next = fmt::format(" {}", id);
        if (list.size() + next.size() > kLineLimit) {
            out.push_back(start + list + "\\");
            list.clear();
        }
        list += next;
    }
    out.push_back(start + list);
    return out;
}

void MembershipLog::configuration(const totem::srp::Configuration& change) {
    bool transitional = change.kind == totem::srp::Configuration::Kind::transitional;
    (transitional ? transitional_ : members_) = node_ids(change.members);
}

// Joined and left relate to the last membership that was synchronised, not to the last ring: a ring may
// have been given up half-way (section 9.3).
void MembershipLog::sync_started() {
    std::vector<totem::NodeId> joined, left;
    for (totem::NodeId id : activated_) {
        if (!contains(members_, id) || !contains(transitional_, id)) left.push_back(id);
    }
    for (totem::NodeId id : members_) {
        if (!contains(activated_, id) || contains(left, id)) joined.push_back(id);
    }
    lines("Sync members", members_);
    if (!joined.empty()) lines("Sync joined", joined);
    if (!left.empty()) lines("Sync left", left);
}

void MembershipLog::sync_completed() {
    activated_ = members_;
}

void MembershipLog::lines(std::string_view label, std::span<const totem::NodeId> ids) {
    for (const std::string& line : id_lines(label, ids))
        log_.write(LogLevel::notice, "QUORUM", line);
}

}  // namespace engine
