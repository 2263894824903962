#include "totem/crypto/key_ring.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "totem/crypto/packet_cipher.hpp"

namespace totem::crypto {
namespace {

constexpr std::array<std::uint8_t, crypto_generichash_blake2b_PERSONALBYTES> kPersonal{
    't', 'o', 't', 'e', 'm', '-', 'n', 'a', 't', 'i', 'v', 'e', '-', 'v', '1', 0};
constexpr std::string_view kPrintOf = "key print";

static_assert(PacketCipher::kKeySize == crypto_generichash_blake2b_BYTES);

}  // namespace

KeyRing::KeyRing(std::string_view cluster_name, KeyId id, Bytes key) : cluster_name_(cluster_name) {
    if (sodium_init() < 0) throw std::bad_alloc();
    keys_[0] = derive(id, key);
}

// Appendix B.3 item 1.
KeyRing::Key KeyRing::derive(KeyId id, Bytes key) {
    const std::size_t name = std::min<std::size_t>(cluster_name_.size(), UINT16_MAX);
    Secret input(2 + name + key.size());
    Writer out(input.bytes(), ByteOrder::big);
    out.u16(static_cast<std::uint16_t>(name));
    out.bytes({reinterpret_cast<const std::uint8_t*>(cluster_name_.data()), name});
    out.bytes(key);
    Key made{.id = id, .serial = ++last_serial_, .print = 0, .master = Secret(crypto_generichash_blake2b_BYTES)};
    const std::array<std::uint8_t, crypto_generichash_blake2b_SALTBYTES> no_salt{};
    crypto_generichash_blake2b_salt_personal(made.master.bytes().data(), made.master.size(), input.bytes().data(),
                                             input.size(), nullptr, 0, no_salt.data(), kPersonal.data());
    std::array<std::uint8_t, crypto_generichash_blake2b_BYTES> print;
    crypto_generichash_blake2b(print.data(), print.size(), reinterpret_cast<const std::uint8_t*>(kPrintOf.data()),
                               kPrintOf.size(), made.master.bytes().data(), made.master.size());
    made.print = Reader(print, ByteOrder::big).u64();
    return made;
}

std::optional<std::size_t> KeyRing::slot_of(KeyId id) const {
    for (std::size_t i = 0; i < kKeys; ++i) {
        if (keys_[i].serial != 0 && keys_[i].id == id) return i;
    }
    return std::nullopt;
}

KeyRing::Installed KeyRing::install(KeyId id, Bytes key) {
    Key made = derive(id, key);
    if (const auto slot = slot_of(id)) {
        return keys_[*slot].print == made.print ? Installed::already : Installed::id_in_use;
    }
    for (const Key& other : keys_) {
        if (other.serial != 0 && other.print == made.print) return Installed::same_key;
    }
    if (std::find(retired_.begin(), retired_.end(), made.print) != retired_.end()) return Installed::retired_key;
    Key& free = keys_[1 - transmit_];
    if (free.serial != 0) return Installed::no_room;
    free = std::move(made);
    ++generation_;
    return Installed::done;
}

bool KeyRing::transmit(KeyId id) {
    const auto slot = slot_of(id);
    if (!slot) return false;
    transmit_ = *slot;
    ++generation_;
    return true;
}

bool KeyRing::remove(KeyId id) {
    const auto slot = slot_of(id);
    if (!slot || *slot == transmit_) return false;
    retired_.push_back(keys_[*slot].print);
    keys_[*slot] = Key{};
    ++generation_;
    return true;
}

std::optional<KeyRing::KeyId> KeyRing::other_id() const {
    const Key& other = keys_[1 - transmit_];
    return other.serial != 0 ? std::optional(other.id) : std::nullopt;
}

std::optional<KeyPrint> KeyRing::print_of(KeyId id) const {
    const auto slot = slot_of(id);
    return slot ? std::optional(keys_[*slot].print) : std::nullopt;
}

void KeyRing::set_senders(std::vector<NodeId> senders) {
    std::sort(senders.begin(), senders.end());
    senders.erase(std::unique(senders.begin(), senders.end()), senders.end());
    senders_ = std::move(senders);
    ++generation_;
}

void derive_packet_key(const Secret& master, std::uint8_t suite, std::uint8_t ring, NodeId sender,
                       std::uint64_t session, MutableBytes out) {
    std::array<std::uint8_t, 14> input;
    Writer writer(input, ByteOrder::big);
    writer.u8(suite);
    writer.u8(ring);
    writer.u32(sender);
    writer.u64(session);
    crypto_generichash_blake2b(out.data(), out.size(), input.data(), input.size(), master.bytes().data(),
                               master.size());
}

}  // namespace totem::crypto
