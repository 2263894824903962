#include "engine/services/cfg/shutdown_vote.hpp"

#include <algorithm>

namespace engine::cfg {

ShutdownVote::Begin ShutdownVote::begin(Client requester, ShutdownFlags flags) {
    if (flags == ShutdownFlags::immediate) return Begin::granted;
    if (running()) return Begin::refused;
    expected_ = trackers_;
    expected_.erase(requester);
    if (expected_.empty()) return Begin::granted;
    requester_ = requester;
    flags_ = flags;
    votes_.clear();
    return Begin::asked;
}

bool ShutdownVote::track(Client client) {
    if (!trackers_.insert(client).second || !running() || client == *requester_) return false;
    // One that voted yes by leaving and comes back is asked again.
    votes_.erase(client);
    expected_.insert(client);
    return true;
}

std::optional<ShutdownVote::End> ShutdownVote::untrack(Client client) {
    if (trackers_.erase(client) == 0) return std::nullopt;
    return reply(client, true);
}

std::optional<ShutdownVote::End> ShutdownVote::disconnected(Client client) {
    if (requester_ == client) requester_.reset();
    return untrack(client);
}

std::optional<ShutdownVote::End> ShutdownVote::reply(Client client, bool yes) {
    if (!asked(client)) return std::nullopt;
    votes_[client] = yes;
    return evaluate();
}

std::optional<ShutdownVote::End> ShutdownVote::time_out() {
    if (!running()) return std::nullopt;
    for (const Client client : expected_)
        votes_[client] = false;
    return evaluate();
}

std::optional<ShutdownVote::End> ShutdownVote::evaluate() {
    if (votes_.size() < expected_.size()) return std::nullopt;
    const bool unanimous = std::all_of(votes_.begin(), votes_.end(), [](const auto& vote) { return vote.second; });
    const End end{*requester_, unanimous || flags_ == ShutdownFlags::regardless};
    requester_.reset();
    return end;
}

}  // namespace engine::cfg
