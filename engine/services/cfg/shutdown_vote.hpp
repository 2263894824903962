#pragma once
// The vote on a try-shutdown: the clients that track shutdowns say yes or no. Spec client-ipc.md section
// 8.5. Sans-I/O; who owns it sends the questions and answers and keeps the timer.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>

namespace engine::cfg {

enum class ShutdownFlags : std::uint32_t { request = 0, regardless = 1, immediate = 2 };

class ShutdownVote {
public:
    using Client = std::uint64_t;
    enum class Begin : std::uint8_t {
        granted,  // nobody has to be asked
        asked,    // ask the trackers other than the requester, start the timer
        refused,  // a vote is running already
    };
    struct End {
        Client requester = 0;
        bool granted = false;
    };

    Begin begin(Client requester, ShutdownFlags flags);

    // A client tracks shutdowns from now on; true: a vote is running, ask it too.
    bool track(Client client);
    // It stops tracking or is gone: an open vote counts it as a yes.
    std::optional<End> untrack(Client client);
    // It is gone; if it was the requester, its vote is over without an end.
    std::optional<End> disconnected(Client client);

    // A reply; `running` tells whether one was asked for at all.
    std::optional<End> reply(Client client, bool yes);
    bool running() const { return requester_.has_value(); }
    // Whoever has not answered counts as a no.
    std::optional<End> time_out();

    const std::set<Client>& trackers() const { return trackers_; }
    bool asked(Client client) const { return running() && expected_.contains(client); }
    ShutdownFlags flags() const { return flags_; }

private:
    std::optional<End> evaluate();

    std::set<Client> trackers_;
    std::optional<Client> requester_;
    ShutdownFlags flags_ = ShutdownFlags::request;
    std::set<Client> expected_;
    std::map<Client, bool> votes_;
};

}  // namespace engine::cfg
