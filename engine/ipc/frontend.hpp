#pragma once
// What a service engine adds to the IPC server to be reachable by client libraries: its socket name,
// its request table, and the handling of requests. One thread; all calls come from the server's.

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ipc/messages.hpp"
#include "engine/ipc/raw.hpp"
#include "totem/base/bytes.hpp"

namespace engine::ipc {

using totem::Bytes;

// Names one client connection. Never reused within a process's life.
using ConnectionId = std::uint64_t;

// Flow-control class of a request (client-ipc.md section 4.1).
enum class FlowClass : std::uint8_t {
    req,   // needs ring capacity, refused during sync
    free,  // always served
};

struct RequestRule {
    std::size_t min_size = sizeof(RequestHeader);  // smaller ones are answered INVALID_PARAM
    FlowClass flow = FlowClass::free;
    bool answered = true;  // false: the client waits for no response, none may be sent
    // Without capacity the request waits for it, in order, instead of being answered TRY_AGAIN
    // (the freedom of sections 4.2 and 7.7).
    bool hold = false;
};

// When clients of a service are told to back off and its requests are left unread (section 4.4).
// Upstream stops all but votequorum during sync; services that never multicast gain nothing from it.
enum class Throttle : std::uint8_t {
    sync_and_critical,  // cpg
    sync,               // cfg
    critical,           // votequorum: a quorum device polls during sync
    never,              // cmap, quorum
};

// Per connection, as published in the stats map (corosync-conf.md, stats.ipcs.serviceN).
struct ConnectionStats {
    std::uint64_t requests = 0, responses = 0, dispatched = 0;
    std::uint64_t send_retries = 0, recv_retries = 0;
    std::uint64_t flow_control_count = 0, invalid_request = 0, overload = 0;
    std::uint64_t held = 0, dropped_events = 0;
    std::uint32_t flow_control = 0, queued = 0, sent = 0;
    std::int32_t queueing = 0;
    // Now: events its ring had no room for, and requests that wait for the ring.
    std::uint64_t backlog_events = 0, backlog_bytes = 0, held_now = 0;

    ConnectionStats& operator+=(const ConnectionStats& other);
    // Without what is only true while the connection lives.
    ConnectionStats counters() const;
};

// One client of one service. Owned by the server; a frontend may keep the reference from connected()
// until disconnected().
class Connection {
public:
    virtual ~Connection() = default;
    virtual ConnectionId id() const = 0;
    virtual pid_t pid() const = 0;
    virtual uid_t uid() const = 0;
    virtual gid_t gid() const = 0;
    virtual const std::string& process_name() const = 0;

    // The one response of a request. A response goes to the request being handled, or later to one whose
    // handling chose to answer later. Larger than kMaxMessage is a programming error and is dropped.
    virtual void respond(Bytes response) = 0;
    // An event made of chunks, after all events before it. Never blocks: what the client's ring can't
    // take is copied and sent later; a client whose backlog passes the limit is disconnected.
    virtual void event(std::span<const Bytes> chunks) = 0;

    // A response that is only a header.
    void respond_error(std::int32_t id, CsError error) {
        ResponseHeader header{.id = id, .size = sizeof(ResponseHeader), .error = error};
        respond(bytes_of(header));
    }
    // A response that is one plain struct starting with a ResponseHeader, whose size is filled in.
    template <typename Message>
    void respond_message(Message& message) {
        message.header.size = static_cast<std::int32_t>(sizeof(Message));
        respond(bytes_of(message));
    }
    // The same with bytes behind the struct.
    template <typename Message>
    void respond_message(Message& message, Bytes tail) {
        message.header.size = static_cast<std::int32_t>(sizeof(Message) + tail.size());
        const Bytes fixed = bytes_of(message);
        std::vector<std::uint8_t> whole(fixed.begin(), fixed.end());
        whole.insert(whole.end(), tail.begin(), tail.end());
        respond(whole);
    }
};

enum class Handled : std::uint8_t {
    done,     // answered, or will be
    retry,    // the ring had no room and nothing was done or answered; as if admission had failed
    invalid,  // the request contradicts itself; the server answers INVALID_PARAM and counts it
};

class ServiceFrontend {
public:
    virtual ~ServiceFrontend() = default;
    virtual std::uint32_t service_id() const = 0;
    virtual std::string_view ipc_name() const = 0;
    // Indexed by request id; must not change while the server runs.
    virtual std::span<const RequestRule> rules() const = 0;
    virtual Throttle throttle() const = 0;

    virtual void connected(Connection& connection) = 0;
    // `message` holds at least rules()[id].min_size bytes and is valid during the call only. It may lie in
    // memory the client can write to: read each field once.
    virtual Handled request(Connection& connection, std::uint32_t id, Bytes message) = 0;
    virtual void disconnected(Connection& connection) = 0;
};

}  // namespace engine::ipc
