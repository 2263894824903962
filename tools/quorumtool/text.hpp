#pragma once
// A picture of quorum as text and JSON. Spec votequorum.md section 10.

#include <ctime>
#include <nlohmann/json.hpp>
#include <string>

#include "tools/quorumtool/engine.hpp"

namespace tools::quorumtool {

std::string status_text(const Picture& picture, const Settings& settings, std::time_t now);  // -s
std::string nodes_text(const Picture& picture, const Settings& settings);                    // the last block of it

// {"date" (seconds since 1970), "provider" or null, "quorate", "nodeid", "ring": {"nodeid", "seq"}, "votequorum":
// {"expected_votes", "highest_expected", "total_votes", "quorum", "flags": [...]} or null, "nodes": [{"nodeid", "name",
// "local", "votes", "qdevice": {"alive", "cast_vote", "master_wins"} or null}], "qdevice": {"name", "votes", "cast"} or
// null}. Without votequorum, ring.nodeid and votes are null.
nlohmann::json json_of(const Picture& picture, std::time_t now);

}  // namespace tools::quorumtool
