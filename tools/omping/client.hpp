#pragma once
// The client of one remote host: asks for a session, sends queries, judges answers. Spec omping.md section 6.
// A value machine: no socket, no clock; it answers through ClientEvents.

#include <functional>
#include <optional>
#include <string>

#include "tools/omping/messages.hpp"
#include "tools/omping/statistics.hpp"
#include "tools/omping/time.hpp"

namespace tools::omping {

using Random = std::function<void(totem::MutableBytes)>;

enum class StopReason { server, count, exhausted, version, ended };

struct Reply {
    bool group = false, duplicate = false;
    std::uint32_t sequence = 0;
    std::size_t size = 0;
    std::uint8_t distance = 0;  // hops, 0 if not shown
    bool distance_known = false;
    std::optional<nanoseconds> rtt;
    std::optional<Timestamp> client_time, server_time;
    WallTime received;
};

class ClientEvents {
public:
    virtual ~ClientEvents() = default;
    virtual void send(Bytes message) = 0;  // to the host, unicast
    virtual void waiting() = 0;            // for the answer to an Init
    virtual void joined() = 0;
    virtual void stopped(StopReason reason) = 0;
    virtual void replied(const Reply& reply) = 0;  // the statistics include it
};

struct ClientSettings {
    Address group;
    milliseconds interval{1000};
    std::optional<std::uint64_t> count = {};
    std::size_t duplicate_slots = 1024;
    bool ask_version = false;
    bool ask_time = false;  // the server's clock, in every answer
};

class Client {
public:
    enum class State { initial, query, stopped };

    Client(const ClientSettings& settings, const Random& random, ClientEvents& events);

    void tick(const Now& now);
    // A response or an answer of this host.
    void receive(const Message& message, const Reception& reception);
    void stop();  // the end of the run, told to nobody

    // Goes with every query from now on; what it refers to must outlive it.
    void set_extra(std::vector<Option> extra) { extra_ = std::move(extra); }
    // With interval 0: may the next query go out before a millisecond has passed?
    bool answered() const { return last_answered_ == sequence_; }

    State state() const { return state_; }
    std::uint64_t sent() const { return sent_; }
    const CastStatistics& unicast() const { return unicast_; }
    const CastStatistics& group() const { return group_; }
    std::uint32_t first_group_sequence() const { return first_group_; }  // 0: none, or not known
    const std::optional<std::string>& version() const { return version_; }
    std::uint32_t sequence() const { return sequence_; }  // of the latest query
    // The group of a server that refused ours.
    const std::optional<Address>& other_group() const { return other_group_; }

private:
    void ask_for_session(const Now& now);
    void next_query(const Now& now);
    void send_query(const Now& now);
    void receive_response(const Message& message, const Reception& reception);
    void receive_answer(const Message& message, const Reception& reception);
    void told_to_stop();
    void finish(StopReason reason);
    std::optional<nanoseconds> round_trip(const Message& message, const Reception& reception) const;
    bool ever_sent(std::uint32_t sequence) const;
    void count_reply(const Message& message, const Reception& reception, Reply& reply);

    struct Sent {
        std::uint32_t sequence = 0;
        Instant at;
    };

    ClientSettings settings_;
    const Random* random_;
    ClientEvents* events_;
    State state_ = State::initial;
    ClientId id_{};
    std::optional<Instant> asked_;
    std::vector<std::uint8_t> session_;
    std::uint32_t sequence_ = 0, last_answered_ = 0, first_group_ = 0;
    bool wrapped_ = false;
    std::uint64_t sent_ = 0;
    Instant queried_;
    std::vector<Sent> sent_at_;  // by sequence number
    DuplicateRing unicast_ring_, group_ring_;
    CastStatistics unicast_, group_;
    std::optional<std::string> version_;
    std::vector<Option> extra_;
    std::optional<Address> other_group_;
};

}  // namespace tools::omping
