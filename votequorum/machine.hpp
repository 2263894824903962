#pragma once
// The vote arithmetic of one node as a value machine: who is quorate, with every option. Spec votequorum.md sections 4
// to 7. No clock, socket, file or thread inside: time is an argument, everything else goes through Effects.
//
// machine.cpp: start, messages, synchronisation, timers. arithmetic.cpp: section 4. device.cpp: the quorum device.
// requests.cpp: what clients ask for.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "votequorum/effects.hpp"
#include "votequorum/options.hpp"

namespace vote {

// What getinfo tells of a node (section 7).
struct Info {
    NodeId node = 0;
    NodeRecord record;
    std::uint32_t highest_expected = 0, total_votes = 0, quorum = 0;
    std::uint32_t flags = 0;  // of InfoFlag
    std::uint32_t device_votes = 0;
};
enum InfoFlag : std::uint32_t {
    kInfoTwoNode = 1,
    kInfoQuorate = 2,
    kInfoWaitForAll = 4,
    kInfoLastManStanding = 8,
    kInfoTieBreaker = 16,
    kInfoDownscale = 32,
    kInfoDeviceRegistered = 64,
    kInfoDeviceAlive = 128,
    kInfoDeviceCastVote = 256,
    kInfoDeviceMasterWins = 512
};

// The values of runtime.votequorum.* (section 8); absent ones have no key yet.
struct Published {
    NodeId this_node_id = 0;
    std::uint8_t two_node = 0;
    std::uint32_t ev_barrier = 0;
    std::optional<std::uint32_t> ev_tracking_barrier;
    std::optional<std::uint8_t> wait_for_all_status;
    std::optional<std::uint32_t> lowest_node_id, highest_node_id;
    std::optional<std::uint32_t> atb_type;
    std::optional<std::uint8_t> qdevice_can_operate, qdevice_master_wins;
    bool operator==(const Published&) const = default;
};

class Machine {
public:
    // `reading` is without failure. `tracking_barrier` is what was stored, 0 at first. `effects` must outlive the
    // machine and is not called before start().
    Machine(NodeId self, Reading reading, std::uint32_t tracking_barrier, Effects& effects);
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    // Multicasts the node's votes for the very first ring (section 6.2).
    void start(Instant now);
    // Clean shutdown: with allow_downscale the others count on without us.
    void leave(Instant now);
    // The keys have changed (section 2.4 step 3).
    void configure(const Keys& keys, Instant now);
    // quorum.cancel_wait_for_all was set: for all nodes.
    void cancel_wait_for_all(Instant now);

    // In total order, own ones included. A nodeinfo is ignored unless it is about its sender or the device.
    void on_message(NodeId sender, const Message& message, Instant now);

    void sync_init(std::span<const NodeId> members, const RingId& ring, Instant now);
    // False: call again at the next token.
    [[nodiscard]] bool sync_process();
    void sync_activate();

    Instant next_timeout() const;
    void on_timeout(Instant now);

    // --- requests of clients (section 7); `node` 0 is this one
    std::optional<Info> info(NodeId node) const;
    [[nodiscard]] Result set_expected_votes(std::uint32_t votes);
    [[nodiscard]] Result set_node_votes(NodeId node, std::uint32_t votes);
    // Nothing: the answer comes through Effects::device_registered.
    [[nodiscard]] std::optional<Result> register_device(ClientId client, std::string_view name);
    // The client that waits for its registration is gone.
    void forget_client(ClientId client);
    [[nodiscard]] Result unregister_device(std::string_view name, Instant now);
    [[nodiscard]] Result rename_device(std::string_view old_name, std::string_view new_name, Instant now);
    [[nodiscard]] Result poll_device(std::string_view name, bool cast_vote, NodeId ring_node, std::uint64_t ring_seq,
                                     Instant now);
    [[nodiscard]] Result set_master_wins(std::string_view name, bool allow, Instant now);

    bool quorate() const { return quorate_; }
    std::uint32_t quorum() const { return quorum_; }
    std::uint32_t total_votes() const { return tally(std::nullopt).total; }
    std::uint32_t expected_votes() const { return us().expected_votes; }
    bool waiting_for_all() const { return waiting_for_all_; }
    NodeId self() const { return self_; }
    const std::map<NodeId, NodeRecord>& nodes() const { return nodes_; }  // all ever heard of
    std::span<const NodeId> members() const { return members_; }          // of the last synchronisation's start
    const RingId& ring() const { return ring_; }
    const std::string& device_name() const { return device_name_; }
    bool device_registered() const { return (us().flags & kDeviceRegistered) != 0; }
    const Settings& settings() const { return settings_; }
    Published published() const;

private:
    struct Outcome {
        std::uint32_t quorum = 0, total = 0;
    };

    NodeRecord& us() { return nodes_.at(self_); }
    const NodeRecord& us() const { return nodes_.at(self_); }
    void set_flag(std::uint32_t flag, bool on);

    // machine.cpp
    void apply(const Reading& reading);
    void announce(Message message, Instant now);
    bool flush_unsent();
    NodeInfo own_info() const;
    NodeInfo device_info() const;
    void on_nodeinfo(NodeId sender, const NodeInfo& info);
    void on_reconfigure(NodeId sender, const Reconfigure& change);
    void log_nodeinfo(NodeId sender, const NodeInfo& info);

    // arithmetic.cpp
    struct Sum {
        std::uint32_t total = 0, count = 0, highest_expected = 0;
    };
    Sum member_sum() const;
    // Section 4.2 steps 2 to 4 with the votes of the device if `device_votes` has a value.
    Sum tally(std::optional<std::uint32_t> device_votes) const;
    Outcome calculate(bool allow_decrease, std::uint32_t max_expected, bool downscale) const;
    void recalculate(bool allow_decrease, bool by_nodes);
    void decide(std::uint32_t total);
    bool verdict_for(std::uint32_t total);
    bool tie_won(std::uint32_t total) const;
    bool in_masters_partition() const;
    void note_extremes();
    void set_waiting(bool waiting);
    void raise_tracking_barrier();
    std::vector<NodeId> counted() const;

    // device.cpp
    void on_device_info(NodeId sender, const NodeInfo& info);
    void on_device_operation(NodeId sender, const DeviceOperation& operation, Instant now);
    void on_own_registration(const std::string& name, Instant now);
    void on_device_rename(const DeviceRename& rename);
    void await_device(Instant now);
    void lose_device(Instant now);
    std::optional<Result> device_refusal(std::string_view name) const;
    std::uint32_t device_flags() const { return us().flags & kDeviceFlags; }

    template <typename Text>
    void log(Level level, Text&& text) {
        if (effects_.wants(level)) effects_.log(level, text());
    }

    const NodeId self_;
    Effects& effects_;
    Settings settings_;
    std::vector<LogLine> start_lines_;

    std::map<NodeId, NodeRecord> nodes_;  // ourselves from the start
    std::uint32_t quorum_ = 0;
    bool quorate_ = false;
    bool waiting_for_all_ = false;
    bool waited_for_all_ = false;  // ever: the key exists from then on
    std::uint32_t ev_barrier_ = 0;
    std::uint32_t tracking_barrier_ = 0;
    std::optional<NodeId> lowest_, highest_;
    Instant window_end_ = totem::kNever;  // of last man standing

    std::uint32_t device_votes_ = 0;
    std::string device_name_;
    std::optional<ClientId> registering_;  // the client that waits for its registration
    Instant device_deadline_ = totem::kNever;
    bool awaiting_device_ = false;  // in this synchronisation
    std::optional<std::uint8_t> master_wins_;

    bool syncing_ = true;  // from process start
    int sent_ = 0;         // messages of this synchronisation
    std::vector<NodeId> members_, previous_;
    RingId ring_;
    // What found no room, in order; tried again at the next chance.
    std::deque<Message> unsent_;
    Instant retry_ = totem::kNever;
};

}  // namespace vote
