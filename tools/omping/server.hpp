#pragma once
// The server of one remote host: grants a session and answers queries, unicast and to the group. Spec omping.md section
// 7. A value machine: it answers through ServerEffects.

#include <optional>
#include <string>

#include "tools/omping/client.hpp"
#include "tools/omping/rate_limit.hpp"

namespace tools::omping {

class ServerEffects {
public:
    virtual ~ServerEffects() = default;
    virtual void answer(const Endpoint& to, Bytes message) = 0;
    virtual void answer_group(std::uint16_t port, Bytes message) = 0;
};

struct ServerSettings {
    Address group;
    std::uint8_t ttl = 64;
    milliseconds rate_limit{1000};
    std::string information;
};

class Server {
public:
    enum class State { initial, answer, finishing };

    Server(const ServerSettings& settings, const Random& random)
        : settings_(settings), random_(random), limit_(settings.rate_limit) {}

    // An Init or a query that came by unicast.
    void receive(const Message& message, const Reception& reception, const Now& now, ServerEffects& out);
    void finish() { state_ = State::finishing; }

    State state() const { return state_; }

private:
    void receive_init(const Message& message, const Reception& reception, ServerEffects& out);
    void receive_query(const Message& message, const Reception& reception, const Now& now, ServerEffects& out);
    bool wants_our_group(const Message& init) const;

    ServerSettings settings_;
    const Random& random_;
    RateLimit limit_;
    State state_ = State::initial;
    std::optional<Instant> accepted_;
    SessionId session_{};
};

}  // namespace tools::omping
