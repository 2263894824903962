#pragma once
// One connection as the server keeps it: its libqb object, the events its ring had no room for
// (client-ipc.md section 5), and the requests that wait for room on the Totem ring (section 4.2).

#include <qb/qbipcs.h>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "engine/ipc/event_queue.hpp"
#include "engine/ipc/frontend.hpp"

namespace engine::ipc {

struct ServicePoint;
class Client;

// What a connection asks of the server. Both are done later, from the loop: a connection is usually in
// the middle of somebody's iteration when it finds out.
class ClientOwner {
public:
    virtual ~ClientOwner() = default;
    virtual void flush_later(ConnectionId id) = 0;
    virtual void notify_now() = 0;  // of events whose notifications were put off
    virtual void disconnect_later(ConnectionId id) = 0;
    // The bytes of queued events became more or less. May make a connection give up, the caller too.
    virtual void backlog_changed(std::ptrdiff_t bytes) = 0;
    virtual BlockPool& blocks() = 0;  // for the queues of events
};

// What may be sent of queued events in one turn of the loop. Small events cost by their number.
struct FlushBudget {
    std::size_t bytes = std::size_t{4} << 20, events = 1024;
    bool spent() const { return bytes == 0 || events == 0; }
    void spend(std::size_t size) {
        bytes -= std::min(bytes, size);
        --events;
    }
};

class Client final : public Connection {
public:
    struct HeldRequest {
        std::uint32_t id;
        std::vector<std::uint8_t> message;
    };

    Client(ClientOwner& owner, ServicePoint& point, qb_ipcs_connection_t* handle, ConnectionId id, uid_t uid, gid_t gid,
           std::size_t backlog_limit);

    ConnectionId id() const override { return id_; }
    pid_t pid() const override { return pid_; }
    uid_t uid() const override { return uid_; }
    gid_t gid() const override { return gid_; }
    const std::string& process_name() const override { return process_name_; }
    void respond(Bytes response) override;
    void event(std::span<const Bytes> chunks) override;

    // libqb announced the connection / took it away. Between the two it may be sent to.
    void open();
    void close();
    bool is_open() const { return open_; }
    bool usable() const { return open_ && !failed_; }

    // Sends queued events until the client's ring is full or the budget is spent.
    void flush(FlushBudget& budget);
    bool queueing() const { return !backlog_.empty(); }
    std::size_t backlog_bytes() const { return backlog_.bytes(); }
    // No more may be sent to the client: something it must not miss is missing.
    void give_up(const char* reason);

    ServicePoint& point() { return point_; }
    qb_ipcs_connection_t* handle() { return handle_; }
    ConnectionStats stats() const;
    void clear_stats();

    std::deque<HeldRequest> held;
    std::uint64_t invalid_requests = 0, overloads = 0, held_total = 0;

private:
    void enqueue(std::span<const Bytes> chunks, std::size_t total);
    void discard();

    ClientOwner& owner_;
    ServicePoint& point_;
    qb_ipcs_connection_t* handle_;
    ConnectionId id_;
    uid_t uid_;
    gid_t gid_;
    pid_t pid_ = 0;
    std::string process_name_;
    bool open_ = false;    // between open() and close()
    bool failed_ = false;  // missed something; only waits to be disconnected

    EventQueue backlog_;
    std::size_t backlog_limit_;
    std::uint32_t queued_ = 0, sent_ = 0;  // since the backlog began
    std::uint64_t dropped_events_ = 0;
};

}  // namespace engine::ipc
