#pragma once
// Makes a change of the cluster's corosync.conf, and sees to it that all nodes have it or none.

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "pvecm/change/plan.hpp"
#include "pvecm/host/context.hpp"

namespace pvecm::change {

// The file before the latest change. It is in the store, so that every node can go back, also without quorum: what is
// there can be read.
std::string last_good(const Paths& paths);

struct Outcome {
    std::uint64_t version = 0;         // in force in the end
    std::vector<std::string> missing;  // nodes that did not take it in time: then it was taken back
    std::vector<std::string> offline;  // they take it when they are back
    bool applied() const { return missing.empty(); }
};

using Progress = std::function<void(const std::string&)>;

// Throws Error if it can't be made, or can't be taken back.
Outcome roll_out(const Context& context, const Plan& plan, std::chrono::seconds limit, const Progress& say);

}  // namespace pvecm::change
