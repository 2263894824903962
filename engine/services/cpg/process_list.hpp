#pragma once
// Every joined process of the cluster, spec totempg-sync-services.md section 10.3.
// Internal to engine/services/cpg.

#include <string_view>
#include <vector>

#include "engine/services/cpg/cpg_service.hpp"

namespace engine::cpg {

// Sorted by node id, then pid; a new entry goes behind equal ones.
class ProcessList {
public:
    bool contains(NodeId node, std::uint32_t pid, std::string_view group) const;
    bool node_has_group(NodeId node, std::string_view group) const;
    // False if it is there already.
    bool insert(NodeId node, std::uint32_t pid, std::string_view group);
    // False if it is not there.
    bool remove(NodeId node, std::uint32_t pid, std::string_view group);

    // Removes and returns, in order, what `condition` holds for.
    template <typename Condition>
    std::vector<Process> take_if(Condition&& condition) {
        std::vector<Process> taken, kept;
        for (Process& process : processes_)
            (condition(process) ? taken : kept).push_back(std::move(process));
        processes_ = std::move(kept);
        return taken;
    }

    std::span<const Process> all() const { return processes_; }
    std::span<const Process> of_node(NodeId node) const;
    std::vector<Address> of_group(std::string_view group) const;
    // Section 10.8: type 1 distinct names, 2 one group, anything else all; groups stay together.
    std::vector<Process> snapshot(std::uint32_t type, std::string_view group) const;

private:
    std::vector<Process> processes_;
};

}  // namespace engine::cpg
