#pragma once
// A change of the cluster's corosync.conf before it is made: what is different, and what it would do.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "pvecm/config/effects.hpp"
#include "pvecm/config/judge.hpp"
#include "pvecm/host/store.hpp"

namespace pvecm::change {

struct Plan {
    std::string before, after;  // the whole files; `after` with the version it gets
    std::uint64_t old_version = 0, version = 0;
    std::string diff;  // as diff -u has it; empty if nothing but the version is different
    std::vector<config::NodeEffect> nodes;
    std::vector<std::string> warnings;       // about the new file, and not about the old one
    std::optional<std::string> quorum_lost;  // as soon as it is applied: why
    std::vector<std::string> risks;          // while nodes restart

    bool changes() const { return !diff.empty(); }
    std::vector<std::string> to_restart() const;
};

// `name`: what the new file is called in messages. Throws Error with all that is wrong with it.
Plan make_plan(const std::string& before, const std::string& after, const std::string& name,
               const ClusterInfo& cluster);

std::string text_of(const Plan& plan);
nlohmann::json json_of(const Plan& plan);

}  // namespace pvecm::change
