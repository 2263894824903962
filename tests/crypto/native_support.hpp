#pragma once
// Rings of native suites for tests.

#include <memory>
#include <string>
#include <vector>

#include "totem/crypto/native.hpp"

namespace totem::test {

using Buffer = std::vector<std::uint8_t>;

inline std::shared_ptr<crypto::KeyRing> key_ring(std::uint8_t fill = 7, crypto::KeyRing::KeyId id = 0,
                                                 std::vector<NodeId> senders = {1, 2, 3}) {
    auto keys = std::make_shared<crypto::KeyRing>("lab", id, Buffer(128, fill));
    keys->set_senders(std::move(senders));
    return keys;
}

// One node's suite on one network.
struct NativeNode {
    explicit NativeNode(crypto::Aead aead, NodeId id = 1, std::uint8_t ring = 0, std::uint64_t session = 100,
                        std::shared_ptr<crypto::KeyRing> ring_keys = key_ring(), std::uint64_t counter = 1)
        : keys(std::move(ring_keys)),
          suite(crypto::make_native_suite(
              aead, {.self = id, .ring = ring, .session = session, .first_counter = counter}, keys)) {}

    Buffer sealed(const Buffer& message) {
        Buffer out(message.size() + suite->overhead());
        out.resize(suite->seal(message, out));
        return out;
    }
    // A copy is opened: the datagram stays good.
    crypto::Reject judge(Buffer datagram) {
        Bytes message;
        const crypto::Reject verdict = suite->open(datagram, message);
        opened.assign(message.begin(), message.end());
        return verdict;
    }

    std::shared_ptr<crypto::KeyRing> keys;
    std::unique_ptr<crypto::Suite> suite;
    Buffer opened;
};

}  // namespace totem::test
