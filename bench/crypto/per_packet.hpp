#pragma once
// Packet protection without anything kept between packets: each makes its contexts, sets its keys and draws its salt.
// The bytes on the wire are those of totem/crypto.

#include <memory>

#include "totem/crypto/packet_cipher.hpp"
#include "totem/crypto/secauth.hpp"
#include "totem/crypto/suite.hpp"

namespace bench {

// `hash`: digest by OpenSSL's name, e.g. "SHA1". `cipher`: "AES-256-CBC" and so on, null for none.
std::unique_ptr<totem::crypto::Suite> per_packet_secauth(const char* cipher, const char* hash, totem::Bytes key);

// From node 1, session 100, ring 0, key id 0, cluster "lab"; opens what anybody sent, without a window.
std::unique_ptr<totem::crypto::Suite> per_packet_native(totem::crypto::Aead aead, totem::Bytes key);

}  // namespace bench
