#pragma once
// What the bad clients do before they go bad: each function runs in a process of its own, on the public libraries.

#include <atomic>
#include <cstdint>
#include <random>
#include <string>

namespace chaos {

// Shared between all processes of a storm.
struct Tally {
    std::atomic<std::uint64_t> connected, refused;  // connections made, and not made
    std::atomic<std::uint64_t> sent, delivered;     // cpg messages
    std::atomic<std::uint64_t> try_again;           // cpg messages that had to wait
    std::atomic<std::uint64_t> calls, notified;     // calls and events of the other services
    std::atomic<std::uint64_t> broken;              // connections that broke while their client was well
};

// All run until killed, or until their connection breaks.
void flood_group(const std::string& group, Tally& tally, std::mt19937& random);
void change_keys(Tally& tally, std::mt19937& random);
void track_keys(Tally& tally);
void track_quorum(Tally& tally);
void track_votes(Tally& tally);
void ask_cfg(Tally& tally);

}  // namespace chaos
