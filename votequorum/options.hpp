#pragma once
// From the keys of the quorum section and the node list to settings that agree with each other.
// Spec votequorum.md section 2.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "votequorum/types.hpp"

namespace vote {

// The keys as they are configured (section 2.1).
struct Keys {
    struct NodeList {
        std::uint32_t votes_sum = 0, nodes = 0;
        std::uint32_t own_votes = 1;
    };
    std::optional<NodeList> nodelist = {};  // none also if it does not name this node
    std::optional<std::uint32_t> expected_votes = {};
    std::optional<std::uint32_t> votes = {};
    bool two_node = false;
    std::optional<bool> wait_for_all = {};
    bool last_man_standing = false;
    std::uint32_t last_man_standing_window = 10000;  // ms
    bool auto_tie_breaker = false;
    std::string auto_tie_breaker_node = "lowest";
    bool allow_downscale = false;
    bool expected_votes_tracking = false;
    std::string device_model = {};
    std::optional<std::uint32_t> device_votes = {};
    std::uint32_t device_timeout = 10000;       // ms
    std::uint32_t device_sync_timeout = 30000;  // ms
};

// What holds after the checks.
struct Settings {
    std::uint32_t votes = 1;
    std::optional<std::uint32_t> listed_votes;  // of the whole node list, device included where rule 14 adds it
    std::uint32_t expected_votes = 0;           // quorum.expected_votes; 0 = not given
    bool two_node = false;
    bool wait_for_all = false;
    bool wait_for_all_follows_two_node = false;  // the key is absent
    bool last_man_standing = false;
    Duration last_man_standing_window{};
    TieBreaker tie_breaker;
    TieBreaker configured_tie_breaker;  // as at start, before the rule for odd clusters
    bool tie_breaker_evaluated = false;
    bool allow_downscale = false;
    bool expected_votes_tracking = false;
    bool device_configured = false;
    bool device_can_operate = false;
    std::optional<std::uint32_t> device_votes;
    Duration device_timeout{}, device_sync_timeout{};
};

struct Reading {
    Settings settings;
    std::vector<LogLine> lines;          // to be logged
    std::optional<std::string> failure;  // at start: the reason not to start; later: nothing is to change
    bool votes_read = true;              // false: settings.votes, listed_votes and expected_votes are not to be used
};

// At start; `failure` is the text of section 2.2.
Reading read(const Keys& keys);
// At run time, on top of what is in force.
Reading reread(const Keys& keys, const Settings& current, bool device_registered);

}  // namespace vote
