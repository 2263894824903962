#pragma once
// The ciphers and hashes of the 2.x dialect. Spec totem-crypto.md section 2.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace totem::crypto {

enum class Cipher : std::uint8_t { none, aes256, aes192, aes128, des3 };
enum class Hash : std::uint8_t { none, md5, sha1, sha256, sha384, sha512 };

// By the names of totem.crypto_cipher and totem.crypto_hash.
std::optional<Cipher> find_cipher(std::string_view name);
std::optional<Hash> find_hash(std::string_view name);
std::string_view name_of(Cipher cipher);
std::string_view name_of(Hash hash);

// In bytes; 0 for none.
std::size_t key_size(Cipher cipher);
std::size_t block_size(Cipher cipher);
std::size_t digest_size(Hash hash);
inline constexpr std::size_t kLargestDigest = 64;

}  // namespace totem::crypto
