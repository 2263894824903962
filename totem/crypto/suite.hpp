#pragma once
// Packet protection: what stands between a Totem message and a UDP payload.
// Spec totem-wire.md sections 2 and 12 (checks 3 and 4), totem-crypto.md.
//
// The plain suites: v2 adds the four byte prefix FE FE 00 00, v3 adds nothing. secauth.hpp has those of the 2.x
// dialect with a key, native.hpp those for rings of totemd only. open() authenticates before anybody parses.

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "totem/base/bytes.hpp"
#include "totem/wire/types.hpp"

namespace totem::crypto {

enum class Reject : std::uint8_t {
    none,
    too_short,           // v2
    unsupported_prefix,  // v2: the first byte is not FE; the sender speaks something else
    different_hash,      // v2: the second byte is not FE
    bad_digest,          // another key or hash, or altered on the way
    bad_reserved,        // v2: prefix bytes 2 and 3 not zero
    undecipherable,      // authentic, but not made with our cipher
    // Of the native suite, which also uses too_short (and too long), unsupported_prefix, bad_digest and bad_reserved.
    other_suite,     // made with another AEAD
    other_ring,      // meant for another network of ours
    own_packet,      // a packet of ours came back, or somebody sends in our name
    unknown_sender,  // not in the node list
    unknown_key,     // no key with this id here
    old_session,     // from before the sender's last start
    replayed,        // seen before, or too old to tell
};

class Suite {
public:
    struct Sealing {
        Bytes message;
        MutableBytes out;      // does not overlap the message
        std::size_t size = 0;  // of the datagram, as seal() returns it
    };
    struct Opening {
        MutableBytes datagram;
        Bytes message = {};
        Reject reject = Reject::none;
    };

    virtual ~Suite() = default;
    // Bytes seal() adds to a message at most.
    virtual std::size_t overhead() const = 0;
    // Bytes of the datagram that seal() makes of a message of `message` bytes.
    virtual std::size_t sealed_size(std::size_t message) const = 0;
    // Protects `message` into `out`, which it does not overlap; returns the datagram's length, 0 if `out` is too
    // small or the crypto library failed.
    virtual std::size_t seal(Bytes message, MutableBytes out) = 0;
    // Checks `datagram` and sets `message` to the Totem message inside (a view into `datagram`,
    // which may be decrypted in place).
    virtual Reject open(MutableBytes datagram, Bytes& message) = 0;

    // How many packets it likes to have together: 1 if that makes them no cheaper.
    virtual std::size_t at_once() const { return 1; }
    // What seal() and open() do, to each in turn. A datagram that is refused is spoilt behind its first four bytes.
    virtual void seal_all(std::span<Sealing> packets) {
        for (Sealing& packet : packets)
            packet.size = seal(packet.message, packet.out);
    }
    virtual void open_all(std::span<Opening> packets) {
        for (Opening& packet : packets)
            packet.reject = open(packet.datagram, packet.message);
    }
};

// The suite for cipher none, hash none.
std::unique_ptr<Suite> make_plain_suite(Dialect dialect);

// Which dialect a datagram is in, by what its packets begin with; nothing if it is in neither.
std::optional<Dialect> dialect_of(Bytes datagram);

// Who probably sent a datagram our dialect can't read, in the words of section 12 checks 3 and 8:
// "Corosync 3.x", "unencrypted Kronosnet", "Corosync 2.3+", ...
std::string_view guess_sender(Dialect ours, Bytes datagram);

}  // namespace totem::crypto
