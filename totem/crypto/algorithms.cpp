#include "totem/crypto/algorithms.hpp"

#include <algorithm>
#include <array>

namespace totem::crypto {
namespace {

struct CipherTraits {
    std::string_view name;
    std::size_t key, block;
};
struct HashTraits {
    std::string_view name;
    std::size_t size;
};
// In the order of the enumerations.
constexpr std::array<CipherTraits, 5> kCiphers{
    {{"none", 0, 0}, {"aes256", 32, 16}, {"aes192", 24, 16}, {"aes128", 16, 16}, {"3des", 24, 8}}};
constexpr std::array<HashTraits, 6> kHashes{
    {{"none", 0}, {"md5", 16}, {"sha1", 20}, {"sha256", 32}, {"sha384", 48}, {"sha512", kLargestDigest}}};

const CipherTraits& traits(Cipher cipher) {
    return kCiphers[static_cast<std::size_t>(cipher)];
}
const HashTraits& traits(Hash hash) {
    return kHashes[static_cast<std::size_t>(hash)];
}

template <typename Enum, typename Table>
std::optional<Enum> find(const Table& table, std::string_view name) {
    const auto found =
        std::find_if(table.begin(), table.end(), [name](const auto& entry) { return entry.name == name; });
    if (found == table.end()) return std::nullopt;
    return static_cast<Enum>(found - table.begin());
}

}  // namespace

std::optional<Cipher> find_cipher(std::string_view name) {
    return find<Cipher>(kCiphers, name);
}
std::optional<Hash> find_hash(std::string_view name) {
    return find<Hash>(kHashes, name);
}

std::string_view name_of(Cipher cipher) {
    return traits(cipher).name;
}
std::string_view name_of(Hash hash) {
    return traits(hash).name;
}

std::size_t key_size(Cipher cipher) {
    return traits(cipher).key;
}
std::size_t block_size(Cipher cipher) {
    return traits(cipher).block;
}
std::size_t digest_size(Hash hash) {
    return traits(hash).size;
}

}  // namespace totem::crypto
