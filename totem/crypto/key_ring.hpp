#pragma once
// The keys of the native suite and who may use them, shared by the suites of all networks of a node. Spec
// totem-crypto.md appendix B.3 to B.5.
//
// Up to two keys open packets, one of them seals. Suites look here at every packet, so a change counts from the next
// one on, and what a suite derived from a key that is gone is wiped then. One thread.

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "totem/crypto/secret.hpp"
#include "totem/wire/types.hpp"

namespace totem::crypto {

// Tells keys apart without saying anything about them.
using KeyPrint = std::uint64_t;

class KeyRing {
public:
    using KeyId = std::uint8_t;
    static constexpr std::size_t kKeys = 2;

    enum class Installed : std::uint8_t {
        done,
        already,     // this key is here under this id
        id_in_use,   // another key has the id
        same_key,    // the key is here under another id
        no_room,     // two keys are here already
        retired_key  // it was removed before: who removes a key must not find it in use again
    };
    struct Key {
        KeyId id = 0;
        std::uint64_t serial = 0;  // no two keys of a ring have the same; 0: no key
        KeyPrint print = 0;
        Secret master = {};
    };

    // `key`: the bytes of the key file.
    KeyRing(std::string_view cluster_name, KeyId id, Bytes key);

    // Opens packets from now on, but does not seal any.
    Installed install(KeyId id, Bytes key);
    // The key for packets of ours; false if there is none with this id.
    bool transmit(KeyId id);
    // Forgets and wipes a key; false if there is none with this id, or it is the one that seals.
    bool remove(KeyId id);

    KeyId transmit_id() const { return keys_[transmit_].id; }
    // The one that only opens packets.
    std::optional<KeyId> other_id() const;
    std::optional<KeyPrint> print_of(KeyId id) const;

    // Who may send, ourselves included: nobody else's packets are looked at.
    void set_senders(std::vector<NodeId> senders);

    // Called by a suite when a peer's authentic packet came under the key that does not seal.
    std::function<void(KeyId)> on_other_key_heard;

    // For suites.
    const std::array<Key, kKeys>& keys() const { return keys_; }
    std::size_t transmit_slot() const { return transmit_; }
    const std::vector<NodeId>& senders() const { return senders_; }  // sorted
    // Changes with every change.
    std::uint64_t generation() const { return generation_; }

private:
    Key derive(KeyId id, Bytes key);
    std::optional<std::size_t> slot_of(KeyId id) const;

    std::string cluster_name_;
    std::array<Key, kKeys> keys_;
    std::size_t transmit_ = 0;
    std::uint64_t last_serial_ = 0;
    std::uint64_t generation_ = 1;
    std::vector<KeyPrint> retired_;
    std::vector<NodeId> senders_;
};

// The key of one sender's packets in one session on one ring (appendix B.3 item 2), PacketCipher::kKeySize bytes.
void derive_packet_key(const Secret& master, std::uint8_t suite, std::uint8_t ring, NodeId sender,
                       std::uint64_t session, MutableBytes out);

}  // namespace totem::crypto
