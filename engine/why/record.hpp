#pragma once
// One change of membership or quorum as this node saw it: what changed, which nodes, and the evidence. A value; its
// JSON form is one line of the journal (docs/why.md names the fields).

#include <algorithm>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace engine::why {

using NodeId = std::uint32_t;
using NodeIds = std::vector<NodeId>;

inline bool has(const NodeIds& nodes, NodeId node) {
    return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

enum class Kind : std::uint8_t {
    membership,  // a ring was formed
    quorum,      // the verdict changed without a change of membership
    votes,       // only the numbers did
    stop,        // this node ended in order
};

enum class CauseKind : std::uint8_t {
    unknown,
    // of an end
    killed,
    config_version,
    stopped,
    // of a membership
    start_up,
    own_pause,
    self_failed_to_receive,
    peer_failed_to_receive,
    forced,
    interface_changed,
    left_announced,
    network_split,
    peer_silent,
    excluded,
    token_lost,
    peer_started,
    rings_merged,
    peer_joined,
    // of quorum
    expected_votes_set,
    node_votes_set,
    wait_for_all_cancelled,
    device_changed,
    reloaded,
    keys_changed,
    peer_votes_changed,
};

struct Cause {
    CauseKind kind = CauseKind::unknown;
    NodeIds nodes = {};     // concerned: who left, started, asked, ...
    NodeIds suspects = {};  // the token was lost at one of them or on the way between two; never a certainty
    std::optional<std::uint64_t> milliseconds = {};
    bool operator==(const Cause&) const = default;
};

enum class EvidenceKind : std::uint8_t {
    unknown,
    token_lost,          // milliseconds without a token
    token_received,      // by us the last time, from `node`
    token_passed,        // by us to `node`; count: copies sent again
    token_kept,          // by us, the ring being idle
    token_reached,       // `node` sent a message after our last visit
    token_late,          // milliseconds without it, a warning, or others gave it up before us
    own_pause,           // this process was not scheduled for milliseconds
    leave_announced,     // by `node`
    joined_alone,        // `node` said that it knows of nobody else: it starts
    named_failed,        // `node` is counted as failed by `nodes`
    cannot_receive,      // `node` says that of itself
    port_closed,         // the host of `node` says that no process has its port open
    foreign_ring,        // `node` was heard on another ring, `detail`
    previous_ring,       // of `nodes`, `detail`
    gather,              // `detail` is the reason in the words of the log
    forced_gather,       // on request
    interface_changed,   //
    killed,              // by `node`, `detail` is the reason
    config_version,      // another node's is newer
    shut_down,           // asked for by an administrator's tool
    reload_requested,    // by `node`
    expected_votes_set,  // by `node` to count
    node_votes_set,      // by `node`: `nodes` have count votes
    wait_for_all_cancelled,
    device_operation,  // by `node`, `detail` says which
    keys_changed,      // of quorum or nodelist in the map of this node
    votes_announced,   // by `node`: count votes, `detail` the rest
};

struct Evidence {
    EvidenceKind kind = EvidenceKind::unknown;
    std::int64_t at = 0;  // milliseconds since 1970
    NodeId node = 0;      // 0: none
    NodeIds nodes = {};
    std::optional<std::uint64_t> milliseconds = {}, count = {};
    std::uint64_t times = 1;  // how often; `at` is the first time
    std::string detail = {};
    bool operator==(const Evidence&) const = default;
};

struct Votes {
    bool quorate = false;
    std::uint32_t votes = 0, expected = 0, quorum = 0;
    bool waiting_for_all = false;
    bool device_registered = false, device_alive = false, device_casts = false;
    bool operator==(const Votes&) const = default;
    bool same_device(const Votes& other) const {
        return device_registered == other.device_registered && device_alive == other.device_alive &&
               device_casts == other.device_casts;
    }
};

// Since the record before.
struct Counters {
    std::uint64_t retransmit_tokens = 0;    // tokens that asked for messages again
    std::uint64_t retransmit_requests = 0;  // messages they asked for, each as often as it was
    std::uint64_t malformed = 0;            // datagrams
    std::uint64_t refused = 0;              // datagrams, by the transport
    std::uint64_t unsent = 0;               // datagrams the kernel did not take
    bool operator==(const Counters&) const = default;
    bool any() const { return *this != Counters{}; }
};

struct Record {
    std::uint64_t sequence = 0;
    std::int64_t at = 0;  // milliseconds since 1970, when the change was complete
    Kind kind = Kind::membership;
    NodeId self = 0;
    std::uint64_t outage = 0;  // milliseconds from leaving the operational state to being back in it
    bool synchronized = true;  // false: the next change came before the services were
    std::string old_ring = {}, new_ring = {};
    NodeIds members = {}, joined = {}, left = {}, left_silently = {};
    std::optional<Votes> before = {}, after = {};  // absent without a quorum provider; before: also at start-up
    Cause cause = {};
    std::vector<Cause> also = {};  // what else came together with it
    std::vector<Evidence> evidence = {};
    std::uint64_t evidence_dropped = 0;  // for which there was no room
    Counters counters = {};
    bool operator==(const Record&) const = default;
};

// One line without newline.
std::string to_line(const Record& record);
nlohmann::json to_json_value(const Record& record);
// Nothing if it isn't a record; unknown kinds of a later version become `unknown`.
std::optional<Record> from_line(const std::string& line);

}  // namespace engine::why
