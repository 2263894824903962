#pragma once
// The client IPC of the daemon: one listening libqb service per registered frontend, on the event loop
// of totemd. Spec client-ipc.md sections 2 to 6.
//
// One thread: the server is made, called and destroyed on the thread that runs the io_context. libqb's
// poll handlers carry no context, so only one Server may exist per thread.

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/ipc/frontend.hpp"
#include "engine/ipc/gate.hpp"

namespace engine::ipc {

enum class Transport : std::uint8_t { native, shm, socket };  // system.qb_ipc_type; native is shm on Linux

struct ServerConfig {
    Transport transport = Transport::native;
    // Whether what a client streams is read in portions, when it can leave (before_token()).
    bool gather_requests = true;
    // Undelivered events of one connection, bytes. A client further behind is disconnected (section 5).
    std::size_t backlog_limit = std::size_t{256} << 20;
    // Of all connections together: above it the one that is furthest behind is disconnected.
    std::size_t total_backlog_limit = std::size_t{512} << 20;
};

struct ConnectionInfo {
    std::uint32_t service = 0;
    ConnectionId id = 0;
    pid_t pid = 0;
    std::string process_name;
    ConnectionStats stats;
};

struct ServiceInfo {
    std::uint32_t id = 0;
    std::string name;               // of its socket
    std::uint64_t connections = 0;  // now
    bool throttled = false;         // its requests are left unread
    std::uint64_t given_up = 0;     // clients disconnected because they read nothing
    ConnectionStats stats;          // of all its connections, ended ones too
};

struct GlobalStats {  // stats.ipcs.global
    std::uint64_t active = 0, closed = 0;
};

// Whether a user that is not root may connect (rules 5 to 8 of section 2.5: the uidgid keys).
using Authorizer = std::function<bool(uid_t euid, gid_t egid)>;

class Server {
public:
    struct Impl;  // of engine/ipc alone
    // `gate` must outlive the server.
    Server(boost::asio::io_context& io, Gate& gate, Authorizer authorizer, ServerConfig config = {});
    ~Server();  // stops
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Before start(), in load order (cmap, cfg, cpg, votequorum, quorum). Must outlive the server.
    void add(ServiceFrontend& frontend);
    // Listens. Throws std::system_error naming the service if a name can't be bound, e.g. because another
    // daemon runs. Clients are told to try again until the first sync completed.
    void start();

    // Sync progress, from the stack's listener. Clients are refused before the first completed sync and
    // throttled during later ones.
    void sync_started();
    void sync_completed();
    // Around a visit of the token, and the sending of what was gathered: takes what clients have sent meanwhile, and
    // sees whether what they send next can wait. Cheap where nothing was left. Not from inside the ring.
    void before_token();
    void after_token();
    // The ring's queue level may have fallen (call when the token took messages). Optional: while anything
    // waits for capacity the server looks every millisecond by itself.
    void capacity_changed();

    // Disconnects every client and stops listening, last added service first; clients' processes leave
    // their groups (section 6). Not from inside a frontend's callback.
    void stop();

    std::vector<ConnectionInfo> connections() const;
    std::optional<ConnectionInfo> connection(ConnectionId id) const;
    std::vector<ServiceInfo> services() const;
    GlobalStats global_stats() const;
    void clear_statistics();  // of every connection
    // Called for each connection that has come (true) or is gone (false).
    void on_connection(std::function<void(const ConnectionInfo&, bool)> callback);

private:
    std::unique_ptr<Impl> impl_;
};

// Routes libqb's own messages to the log, subsystem QB. start() of the first server does it.
void route_libqb_log();

}  // namespace engine::ipc
