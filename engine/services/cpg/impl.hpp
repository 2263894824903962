#pragma once
// What the parts of CpgService share. Internal to engine/services/cpg.

#include <map>

#include "engine/services/cpg/cpg_service.hpp"
#include "engine/services/cpg/messages.hpp"
#include "engine/services/cpg/process_list.hpp"

namespace engine::cpg {

// Section 10.4.
enum class ClientState : std::uint8_t { unjoined, join_started, join_completed, leave_started };

struct Connection {
    ClientState state = ClientState::unjoined;
    bool has_group = false;
    bool finalized = false;  // hears nothing any more
    std::uint32_t pid = 0;
    GroupName group;
    bool initial_totem_confchg = false;    // still owed (flag 1 of join)
    std::uint64_t transitions = 0;         // confchgs sent to it
    std::uint64_t partial_started_at = 0;  // transitions when its partial message began

    bool hears(std::string_view name) const {
        return !finalized && (state == ClientState::join_completed || state == ClientState::leave_started) &&
               group.bytes == name;
    }
    bool may_send() const { return state == ClientState::join_started || state == ClientState::join_completed; }
    bool is_process(std::uint32_t process, std::string_view name) const {
        return has_group && pid == process && group.bytes == name;
    }
    void forget_group() {
        state = ClientState::unjoined;
        has_group = false;
        pid = 0;
        group = {};
    }
};

struct CpgService::Impl {
    Impl(ExecSender& exec_sender, CpgClients& cpg_clients) : sender(exec_sender), clients(cpg_clients) {}

    // cpg_service.cpp: the client side
    Connection* find(ConnectionId id);
    bool send_process(Function function, std::uint32_t pid, const GroupName& group, Reason reason);
    void flush_leaves();
    int checked_join(Connection& connection, const GroupName& group, std::uint32_t pid);

    // delivery.cpp: messages in total order, and what clients hear of them
    void on_procjoin(NodeId node, const ProcessMessage& message);
    void on_procleave(NodeId node, const ProcessMessage& message);
    void on_joinlist(NodeId node, ByteOrder order, Bytes message);
    void on_mcast(NodeId node, const McastMessage& message);
    void on_partial(NodeId node, const PartialMessage& message);
    template <typename Deliver>
    void to_group(NodeId node, std::string_view group, Deliver&& deliver);
    void notify(const GroupName& group, std::span<const Address> left, std::span<const Address> joined);
    void notify_once(const GroupName& group, std::span<const Address> members, std::span<const Address> left,
                     std::span<const Address> joined);
    void send_initial_totem_confchg();

    // sync.cpp
    bool send_downlist();
    bool send_joinlist();
    void apply_downlist();
    void apply_joinlists();
    void remove_zombies();
    bool is_member(NodeId node) const;

    ExecSender& sender;
    CpgClients& clients;
    ProcessList processes;
    std::map<ConnectionId, Connection> connections;
    std::vector<Process> unsent_leaves;  // of closed connections
    std::uint64_t dropped_malformed = 0;

    // Synchronisation (10.6).
    std::vector<NodeId> members;      // of the ring of the last init
    std::vector<NodeId> old_members;  // of the last activate
    totem::RingId ring;               // of the last init
    std::vector<NodeId> downlist;     // old members that did not come with us
    std::vector<Process> joinlists;   // by arrival
    bool syncing = false;             // between init and activate
    bool in_transition = false;       // from the transitional configuration until all services are done
    bool downlist_sent = false;
};

}  // namespace engine::cpg
