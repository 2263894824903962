#pragma once
// The process groups of the cluster and how they are shown. Spec corosync-conf.md section 15.5.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace tools::cpgtool {

struct Options {
    bool names_only = false;
    bool escape = true;
    std::optional<char> delimiter;
};

// One process in a group; with names only just the group.
struct Member {
    std::string group;
    std::uint32_t pid = 0, nodeid = 0;
    std::vector<std::string> addresses;  // of the node, numeric
};

std::string text_of(const std::vector<Member>& members, const Options& options);

// {"groups": [{"name": ..., "members": [{"pid", "nodeid", "addresses": [...]}]}]}; names escaped as in the text,
// without "members" if there are only names.
nlohmann::json json_of(const std::vector<Member>& members, const Options& options);

}  // namespace tools::cpgtool
