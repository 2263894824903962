#include "engine/services/cpg/process_list.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

namespace engine::cpg {
namespace {

bool before(const Process& a, const Process& b) {
    return std::tie(a.node, a.pid) < std::tie(b.node, b.pid);
}

}  // namespace

std::strong_ordering GroupName::operator<=>(const GroupName& other) const {
    if (const auto by_length = bytes.size() <=> other.bytes.size(); by_length != 0) return by_length;
    return bytes.compare(other.bytes) <=> 0;
}

std::span<const Process> ProcessList::of_node(NodeId node) const {
    const auto first = std::partition_point(processes_.begin(), processes_.end(),
                                            [&](const Process& process) { return process.node < node; });
    const auto last =
        std::partition_point(first, processes_.end(), [&](const Process& process) { return process.node == node; });
    return {first, last};
}

bool ProcessList::contains(NodeId node, std::uint32_t pid, std::string_view group) const {
    return std::ranges::any_of(
        of_node(node), [&](const Process& process) { return process.pid == pid && process.group.bytes == group; });
}

bool ProcessList::node_has_group(NodeId node, std::string_view group) const {
    return std::ranges::any_of(of_node(node), [&](const Process& process) { return process.group.bytes == group; });
}

bool ProcessList::insert(NodeId node, std::uint32_t pid, std::string_view group) {
    if (contains(node, pid, group)) return false;
    Process process{node, pid, {std::string(group)}};
    processes_.insert(std::upper_bound(processes_.begin(), processes_.end(), process, before), std::move(process));
    return true;
}

bool ProcessList::remove(NodeId node, std::uint32_t pid, std::string_view group) {
    return std::erase_if(processes_, [&](const Process& process) {
               return process.node == node && process.pid == pid && process.group.bytes == group;
           }) != 0;
}

std::vector<Address> ProcessList::of_group(std::string_view group) const {
    std::vector<Address> members;
    for (const Process& process : processes_) {
        if (process.group.bytes == group) members.push_back({process.node, process.pid, Reason::undefined});
    }
    return members;
}

std::vector<Process> ProcessList::snapshot(std::uint32_t type, std::string_view group) const {
    enum : std::uint32_t { kNameOnly = 1, kOneGroup = 2 };
    std::vector<std::vector<const Process*>> groups;  // by first appearance
    std::map<std::string_view, std::size_t> index;
    for (const Process& process : processes_) {
        if (type == kOneGroup && process.group.bytes != group) continue;
        const auto [at, fresh] = index.try_emplace(process.group.bytes, groups.size());
        if (fresh) groups.emplace_back();
        groups[at->second].push_back(&process);
    }
    std::vector<Process> out;
    for (auto members = groups.rbegin(); members != groups.rend(); ++members) {
        if (type == kNameOnly) {
            out.push_back({0, 0, members->front()->group});
            continue;
        }
        // First, last, ..., second: each further entry goes directly behind the first one.
        out.push_back(*members->front());
        for (std::size_t i = members->size() - 1; i > 0; --i)
            out.push_back(*(*members)[i]);
    }
    return out;
}

}  // namespace engine::cpg
