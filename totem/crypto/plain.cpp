// Suites for cipher none, hash none, and the guess who sent what they refuse.

#include <array>
#include <cstring>

#include "totem/crypto/suite.hpp"

namespace totem::crypto {

namespace {

constexpr std::array<std::uint8_t, 4> kPrefix{0xFE, 0xFE, 0, 0};

// 2.x: the prefix is there even without protection (totem-wire.md section 2).
class PrefixSuite final : public Suite {
public:
    std::size_t overhead() const override { return kPrefix.size(); }

    std::size_t seal(Bytes message, MutableBytes out) override {
        Writer writer(out, kNativeOrder);
        writer.bytes(kPrefix);
        writer.bytes(message);
        return writer.ok() ? writer.position() : 0;
    }

    Reject open(MutableBytes datagram, Bytes& message) override {
        if (datagram.size() <= kPrefix.size() || datagram[0] != kPrefix[0] || datagram[1] != kPrefix[1]) {
            return Reject::unsupported_prefix;
        }
        if (datagram[2] != 0 || datagram[3] != 0) return Reject::bad_reserved;
        message = datagram.subspan(kPrefix.size());
        return Reject::none;
    }
};

// 3.x over udp and udpu: the datagram is the message.
class BareSuite final : public Suite {
public:
    std::size_t overhead() const override { return 0; }

    std::size_t seal(Bytes message, MutableBytes out) override {
        if (message.size() > out.size()) return 0;
        // Callers may seal a message that lies in `out` already.
        if (!message.empty()) std::memmove(out.data(), message.data(), message.size());
        return message.size();
    }

    Reject open(MutableBytes datagram, Bytes& message) override {
        message = datagram;
        return Reject::none;
    }
};

}  // namespace

std::unique_ptr<Suite> make_plain_suite(Dialect dialect) {
    if (dialect == Dialect::v2) return std::make_unique<PrefixSuite>();
    return std::make_unique<BareSuite>();
}

std::string_view guess_sender(Dialect ours, Bytes datagram) {
    constexpr std::string_view kUnknown = "encrypted Kronosnet/Corosync 2.0/2.1/1.x/OpenAIS or unknown";
    if (datagram.empty()) return kUnknown;
    const std::uint8_t first = datagram[0];
    const int second = datagram.size() > 1 ? datagram[1] : -1;
    if (ours == Dialect::v2) {
        if ((first == 0xC0 && second == 0x70) || (first == 0x70 && second == 0xC0)) return "Corosync 3.x";
        if (first == 0xFF) return "Corosync 2.2";
    } else {
        if (first == 0xFF && second == 0xFF) return "Corosync 2.2";
        if (first == 0xFE && second == 0xFE) return "Corosync 2.3+";
    }
    if (first == 0x01) return "unencrypted Kronosnet";
    if (first <= 0x05) return "unencrypted Corosync 2.0/2.1/1.x/OpenAIS";
    return kUnknown;
}

}  // namespace totem::crypto
