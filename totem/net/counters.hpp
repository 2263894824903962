#pragma once
// What a transport counts from its first datagram on. Plain values, written on the transport's thread.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace totem::net {

struct Counters {
    std::uint64_t datagrams_in = 0, bytes_in = 0;    // read from the sockets, refused ones included
    std::uint64_t datagrams_out = 0, bytes_out = 0;  // accepted by the kernel
    std::uint64_t receive_calls = 0, send_calls = 0;
    // Of these, what the kernel cut out of larger sends and joined to larger readings; sends it did not cut.
    std::uint64_t offloaded_out = 0, joined_in = 0, offload_refused = 0;
    std::uint64_t ports_closed = 0;  // ICMP answers: no process has the port open
    std::uint64_t looped_back = 0;   // tokens to ourselves, handed over in memory

    // Drops on receive, by reason (totem-wire.md section 12, checks 1 to 4; totem-crypto.md section 5.2, appendix B.6).
    std::uint64_t drop_truncated = 0;
    std::uint64_t drop_unlisted = 0;
    std::uint64_t drop_too_short = 0;
    std::uint64_t drop_unsupported_prefix = 0;
    std::uint64_t drop_different_hash = 0;
    std::uint64_t drop_bad_digest = 0;
    std::uint64_t drop_bad_reserved = 0;
    std::uint64_t drop_undecipherable = 0;
    std::uint64_t drop_other_suite = 0;
    std::uint64_t drop_other_ring = 0;
    std::uint64_t drop_own_packet = 0;
    std::uint64_t drop_unknown_sender = 0;
    std::uint64_t drop_unknown_key = 0;
    std::uint64_t drop_old_session = 0;
    std::uint64_t drop_replayed = 0;
    std::uint64_t refused() const {  // all of these
        return drop_truncated + drop_unlisted + drop_too_short + drop_unsupported_prefix + drop_different_hash +
               drop_bad_digest + drop_bad_reserved + drop_undecipherable + drop_other_suite + drop_other_ring +
               drop_own_packet + drop_unknown_sender + drop_unknown_key + drop_old_session + drop_replayed;
    }
    std::uint64_t discarded = 0;  // discard_pending_input()

    // Datagrams that did not leave. The protocol repairs such losses.
    std::uint64_t send_no_buffer = 0;   // EAGAIN, ENOBUFS
    std::uint64_t send_failed = 0;      // any other error
    std::uint64_t send_too_big = 0;     // over the dialect's largest datagram
    std::uint64_t send_no_address = 0;  // target unknown, or no socket while the interface is down
    std::uint64_t unsent() const { return send_no_buffer + send_failed + send_too_big + send_no_address; }
    // Failures since the last datagram that left; what upstream's statistics publish under this name.
    std::uint64_t continuous_sendmsg_failures = 0;
};

// Of two transports together.
inline Counters operator+(const Counters& one, const Counters& other) {
    using Numbers = std::array<std::uint64_t, sizeof(Counters) / sizeof(std::uint64_t)>;
    auto sum = std::bit_cast<Numbers>(one);
    const auto more = std::bit_cast<Numbers>(other);
    for (std::size_t i = 0; i < sum.size(); ++i)
        sum[i] += more[i];
    return std::bit_cast<Counters>(sum);
}

}  // namespace totem::net
