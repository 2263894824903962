#pragma once
// CPG, the closed process groups: process list, joins, leaves, messages and the sync hooks.
// Spec totempg-sync-services.md section 10, client-ipc.md section 7. Sans-I/O: local processes are
// connection handles, and what they must hear goes to a CpgClients; engine/ipc puts it on libqb, the
// simulator checks it.

#include <compare>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/exec/service.hpp"

namespace engine::cpg {

enum class Reason : std::uint32_t { undefined = 0, join = 1, leave = 2, nodedown = 3, nodeup = 4, procdown = 5 };

// A connection of a local client. Never reused within a process's life.
using ConnectionId = std::uint64_t;

struct GroupName {  // 0..128 arbitrary bytes
    std::string bytes;
    bool operator==(const GroupName&) const = default;
    std::strong_ordering operator<=>(const GroupName& other) const;  // by length, then bytes
};

struct Process {
    NodeId node = 0;
    std::uint32_t pid = 0;
    GroupName group;
};

struct Address {
    NodeId node = 0;
    std::uint32_t pid = 0;
    Reason reason = Reason::undefined;
    bool operator==(const Address&) const = default;
};

// No list of a confchg is longer: clients copy into arrays of this many. Longer joined and left lists
// are spread over several events, the members of a larger group are cut.
inline constexpr std::size_t kMaxListed = 128;
// Entries of membership(); the reply to clients has this many slots.
inline constexpr std::size_t kMaxMembership = 384;

// cs_error_t numbers the client calls answer with (client-ipc.md section 3.2).
enum Status : int {
    kOk = 1,
    kTryAgain = 6,
    kBusy = 10,
    kNotExist = 12,
    kNameTooLong = 13,
    kExist = 14,
    kInterrupt = 16,
};

// Events for local clients, in the order they must see them. Spans are valid during the call only.
// No method may call back into the service.
class CpgClients {
public:
    virtual ~CpgClients() = default;
    virtual void confchg(ConnectionId to, const GroupName& group, std::span<const Address> members,
                         std::span<const Address> left, std::span<const Address> joined) = 0;
    virtual void deliver(ConnectionId to, const GroupName& group, NodeId node, std::uint32_t pid, Bytes data) = 0;
    virtual void partial_deliver(ConnectionId to, const GroupName& group, NodeId node, std::uint32_t pid,
                                 std::uint32_t total_length, std::uint32_t type, Bytes fragment) = 0;
    virtual void totem_confchg(ConnectionId to, NodeId ring_rep, std::uint64_t ring_seq,
                               std::span<const NodeId> members) = 0;
    // A message for a group we are in came from a node without a process in it, and was dropped (log:
    // "Unknown node -> we will not deliver message").
    virtual void unknown_sender(const GroupName& /*group*/, NodeId /*node*/) {}
};

class CpgService final : public Service, private totem::sync::Participant {
public:
    CpgService(ExecSender& sender, CpgClients& clients);
    ~CpgService() override;

    // --- the client side; admission and flow control happened before (engine/ipc) ---
    void connected(ConnectionId connection);
    // Sends the procleave the close rule asks for (10.4), later if the ring has no room now, and
    // forgets the connection.
    void disconnected(ConnectionId connection);
    // All answer kTryAgain, changing nothing, if the ring has no room; kNotExist for an unknown connection.
    int join(ConnectionId connection, const GroupName& group, std::uint32_t pid, std::uint32_t flags);
    int leave(ConnectionId connection);
    int mcast(ConnectionId connection, Bytes data);
    int partial_mcast(ConnectionId connection, std::uint32_t total_length, std::uint32_t type, Bytes fragment);
    int finalize(ConnectionId connection);  // no further events
    std::vector<Address> membership(const GroupName& group) const;
    // Snapshots for iteration: type 1 names only, 2 one group, 3 all (10.8); entries of a group are contiguous.
    std::vector<Process> snapshot(std::uint32_t type, const GroupName& group) const;
    // Of all nodes: groups, and processes in them.
    struct Counts {
        std::size_t groups = 0, processes = 0, local_processes = 0;
    };
    Counts counts() const;
    std::span<const NodeId> last_synced_members() const;
    std::uint64_t dropped_malformed() const;  // messages whose lengths do not fit

    // --- engine::Service ---
    std::uint32_t id() const override;
    std::string_view name() const override;
    std::string_view ipc_name() const override;
    std::uint32_t function_count() const override;
    void on_exec(std::uint32_t function, NodeId sender, ByteOrder order, Bytes message) override;
    totem::sync::Participant* participant() override;

private:
    std::uint32_t service_id() const override;
    std::string_view service_name() const override;
    void sync_init(std::span<const NodeId> transitional, std::span<const NodeId> members,
                   const totem::RingId& ring) override;
    bool sync_process(totem::Instant now) override;
    void sync_activate(totem::Instant now) override;
    void sync_abort() override;
    void sync_announced() override;
    void sync_finished(totem::Instant now) override;

    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace engine::cpg
