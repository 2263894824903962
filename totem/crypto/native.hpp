#pragma once
// Packet protection of rings made of totemd alone: an AEAD, replay windows, keys that can be exchanged while the ring
// runs. Spec totem-crypto.md appendix B. No other engine knows it.

#include <cstdint>
#include <memory>

#include "totem/crypto/key_ring.hpp"
#include "totem/crypto/packet_cipher.hpp"
#include "totem/crypto/suite.hpp"

namespace totem::crypto {

// What a native datagram begins with: no other format of the protocol does.
bool is_native(Bytes datagram);

struct NativeEndpoint {
    NodeId self = 0;
    std::uint8_t ring = 0;
    // Higher than any that this node used with one of the keys; not 0.
    std::uint64_t session = 0;
    std::uint64_t first_counter = 1;  // of the session
    bool vectors = true;              // as make_packet_cipher() takes it (totem.vector_crypto)
};

// seal() gives 0 also for what no peer would take (over 10000 bytes), and when the session has no counter left. Nothing
// is allocated per packet. Throws SuiteError if the crypto library lacks the AEAD.
std::unique_ptr<Suite> make_native_suite(Aead aead, const NativeEndpoint& endpoint, std::shared_ptr<KeyRing> keys);

}  // namespace totem::crypto
