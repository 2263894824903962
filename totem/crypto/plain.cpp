// Suites for cipher none, hash none, and the guess who sent what they refuse.

#include <algorithm>

#include "totem/crypto/native.hpp"
#include "totem/crypto/secauth.hpp"

namespace totem::crypto {
namespace {

// 3.x over udp and udpu: the datagram is the message.
class BareSuite final : public Suite {
public:
    std::size_t overhead() const override { return 0; }
    std::size_t sealed_size(std::size_t message) const override { return message; }

    std::size_t seal(Bytes message, MutableBytes out) override {
        if (message.size() > out.size()) return 0;
        std::copy(message.begin(), message.end(), out.begin());
        return message.size();
    }

    Reject open(MutableBytes datagram, Bytes& message) override {
        message = datagram;
        return Reject::none;
    }
};

// The first two bytes of a datagram (totem-wire.md section 2).
constexpr bool is_v2(int first, int second) {
    return first == 0xFE && second == 0xFE;
}
constexpr bool is_v3(int first, int second) {
    return (first == 0xC0 && second == 0x70) || (first == 0x70 && second == 0xC0);
}

}  // namespace

std::unique_ptr<Suite> make_plain_suite(Dialect dialect) {
    // 2.x: the prefix is there even without protection (totem-wire.md section 2).
    if (dialect == Dialect::v2) return make_secauth_suite(Cipher::none, Hash::none, Secret());
    return std::make_unique<BareSuite>();
}

std::optional<Dialect> dialect_of(Bytes datagram) {
    if (datagram.size() < 4) return std::nullopt;
    if (is_v2(datagram[0], datagram[1]) && datagram[2] == 0 && datagram[3] == 0) return Dialect::v2;
    if (is_v3(datagram[0], datagram[1])) return Dialect::v3;
    return std::nullopt;
}

std::string_view guess_sender(Dialect ours, Bytes datagram) {
    constexpr std::string_view kUnknown = "encrypted Kronosnet/Corosync 2.0/2.1/1.x/OpenAIS or unknown";
    if (datagram.empty()) return kUnknown;
    if (is_native(datagram)) return "totemd with a crypto_cipher of its own";
    const int first = datagram[0], second = datagram.size() > 1 ? datagram[1] : -1;
    // Who speaks these itself asks only when it wants a protection of its own and sees none.
    if (is_v3(first, second)) return "Corosync 3.x";
    if (is_v2(first, second)) return "Corosync 2.3+";
    if (first == 0xFF && (ours == Dialect::v2 || second == 0xFF)) return "Corosync 2.2";
    if (first == 0x01) return "unencrypted Kronosnet";
    if (first <= 0x05) return "unencrypted Corosync 2.0/2.1/1.x/OpenAIS";
    return kUnknown;
}

}  // namespace totem::crypto
