#include "engine/daemon/service_events.hpp"

#include "engine/daemon/daemon.hpp"
#include "engine/daemon/say.hpp"

namespace engine {
namespace {

constexpr std::size_t kLineLimit = 63;  // characters of ids

}  // namespace

std::vector<std::string> id_lines(std::string_view label, std::span<const NodeId> ids) {
    std::vector<std::string> out;
    const std::string start = fmt::format("{}[{}]:", label, ids.size());
    std::string list;
    for (NodeId id : ids) {
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

void ServiceEvents::lines(std::string_view label, std::span<const NodeId> ids) {
    for (const std::string& line : id_lines(label, ids))
        log_.write(LogLevel::notice, kQuorum, line);
}

void ServiceEvents::note(why::EvidenceKind kind, NodeId node, std::string_view detail) {
    if (orders_.evidence) orders_.evidence({.kind = kind, .node = node, .detail = std::string(detail)});
}

// --- cfg ---

void ServiceEvents::killed(NodeId by, std::string_view reason) {
    std::string_view gap = dialect_ == totem::Dialect::v2 ? "" : " ";
    say(log_, LogLevel::notice, kCfg, "Killed by node {}{}: {}", by, gap, reason);
    note(why::EvidenceKind::killed, by, reason);
    orders_.exit(exit_code::kKilled);
}

void ServiceEvents::shut_down(NodeId node) {
    say(log_, LogLevel::notice, kCfg, "Node {} was shut down by sysadmin", node);
    if (node != local_) return;
    note(why::EvidenceKind::shut_down, node);
    orders_.exit(exit_code::kNormal);
}

void ServiceEvents::reload_requested(NodeId by, std::uint64_t token) {
    say(log_, LogLevel::notice, kCfg, "Config reload requested by node {}", by);
    note(why::EvidenceKind::reload_requested, by);
    orders_.reload(token);
}

// Rings that can fail come with the redundant ring protocol; without it there is nothing to enable.
void ServiceEvents::ring_reenable_requested(NodeId, std::uint64_t token) {
    if (orders_.rings_reenabled) orders_.rings_reenabled(token);
}

// --- cmap ---

void ServiceEvents::member_config_version(NodeId node, std::uint64_t version) {
    say(log_, LogLevel::debug, kCmap, "Config version of node {} is {}", node, version);
    if (orders_.member_version) orders_.member_version(node, version);
}

void ServiceEvents::config_version_mismatch(std::uint64_t theirs, std::uint64_t ours) {
    say(log_, LogLevel::error, kCmap, "Received config version ({}) is different than my config version ({})! Exiting",
        theirs, ours);
    note(why::EvidenceKind::config_version, 0, fmt::format("{}, ours is {}", theirs, ours));
    orders_.exit(exit_code::kNormal);
}

void ServiceEvents::config_version_not_sent() {
    say(log_, LogLevel::error, kCmap, "Can't inform other nodes about new config version");
}

void ServiceEvents::config_version_not_checked(std::string_view why) {
    say(log_, LogLevel::debug, kCmap, "{}", why);
}

// --- quorum ---

void ServiceEvents::sync_lists(std::span<const NodeId> members, std::span<const NodeId> joined,
                               std::span<const NodeId> left) {
    lines("Sync members", members);
    if (!joined.empty()) lines("Sync joined", joined);
    if (!left.empty()) lines("Sync left", left);
}

void ServiceEvents::quorum_reported(bool quorate, bool changed, std::span<const NodeId> members) {
    if (changed) {
        say(log_, LogLevel::notice, kQuorum, "{}",
            quorate ? "This node is within the primary component and will provide service."
                    : "This node is within the non-primary component and will NOT provide any services.");
    }
    lines("Members", members);
}

}  // namespace engine
