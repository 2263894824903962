#include "totem/crypto/native.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "totem/crypto/replay_window.hpp"
#include "totem/crypto/secauth.hpp"

namespace totem::crypto {
namespace {

constexpr std::array<std::uint8_t, 4> kMagic{0xF5, 0x54, 0x4E, 0x31};
constexpr std::size_t kHeaderSize = 28;
constexpr std::size_t kOverhead = kHeaderSize + PacketCipher::kTagSize;
constexpr std::size_t kMaxMessage = 10000;

// Appendix B.2.
struct Header {
    std::uint8_t suite = 0, key_id = 0, ring = 0, flags = 0;
    NodeId sender = 0;
    std::uint64_t session = 0, counter = 0;
};

Header read_header(Bytes datagram) {
    Reader in(datagram, ByteOrder::big);
    in.skip(kMagic.size());
    Header out;
    out.suite = in.u8();
    out.key_id = in.u8();
    out.ring = in.u8();
    out.flags = in.u8();
    out.sender = in.u32();
    out.session = in.u64();
    out.counter = in.u64();
    return out;
}

void write_header(const Header& header, MutableBytes datagram) {
    Writer out(datagram, ByteOrder::big);
    out.bytes(kMagic);
    out.u8(header.suite);
    out.u8(header.key_id);
    out.u8(header.ring);
    out.u8(header.flags);
    out.u32(header.sender);
    out.u64(header.session);
    out.u64(header.counter);
}

// What came from one sender under one key.
struct Channel {
    std::uint64_t session = 0;  // 0: nothing yet
    ReplayWindow window;
    std::unique_ptr<PacketCipher> cipher;  // keyed for the session
};

class NativeSuite final : public Suite {
public:
    NativeSuite(Aead aead, const NativeEndpoint& endpoint, std::shared_ptr<KeyRing> keys)
        : aead_(aead),
          endpoint_(endpoint),
          next_counter_(endpoint.first_counter),
          keys_(std::move(keys)),
          sealing_(make_packet_cipher(aead, endpoint.vectors)),
          candidate_(make_packet_cipher(aead, endpoint.vectors)) {
        if (endpoint.session == 0) throw SuiteError("a session of the native protection can't have the number 0");
        follow_keys();
    }

    std::size_t overhead() const override { return kOverhead; }
    std::size_t sealed_size(std::size_t message) const override { return message + kOverhead; }

    std::size_t seal(Bytes message, MutableBytes out) override {
        const std::size_t size = message.size() + kOverhead;
        follow_keys();
        if (message.size() > kMaxMessage || size > out.size() || next_counter_ == 0 || !ready_) return 0;
        Header header = our_header();
        header.counter = next_counter_++;  // 0 after the last one: never again
        write_header(header, out);
        const bool sealed = sealing_->seal(header.counter, out.first(kHeaderSize), message,
                                           out.subspan(kHeaderSize, message.size() + PacketCipher::kTagSize));
        return sealed ? size : 0;
    }

    Reject open(MutableBytes datagram, Bytes& message) override {
        if (datagram.size() < kMagic.size()) return Reject::too_short;
        if (!is_native(datagram)) return Reject::unsupported_prefix;
        if (datagram.size() < kOverhead || datagram.size() > kMaxMessage + kOverhead) return Reject::too_short;
        const Header header = read_header(datagram);
        follow_keys();
        Channel* channel = nullptr;
        if (const Reject reason = find_channel(header, channel); reason != Reject::none) return reason;
        if (header.session < channel->session || header.session == 0) return Reject::old_session;
        if (header.session == channel->session && !channel->window.fresh(header.counter)) return Reject::replayed;
        if (header.counter == 0) return Reject::replayed;
        const MutableBytes body = datagram.subspan(kHeaderSize);
        if (!authentic(header, *channel, datagram.first(kHeaderSize), body)) return Reject::bad_digest;
        channel->window.mark(header.counter);
        message = body.first(body.size() - PacketCipher::kTagSize);
        if (header.key_id != keys_->transmit_id() && keys_->on_other_key_heard)
            keys_->on_other_key_heard(header.key_id);
        return Reject::none;
    }

private:
    using Key = KeyRing::Key;
    // A key and a channel for each sender.
    struct Slot {
        std::uint64_t serial = 0;
        std::vector<Channel> channels;
    };

    Header our_header() const {
        return {.suite = static_cast<std::uint8_t>(aead_),
                .key_id = keys_->transmit_id(),
                .ring = endpoint_.ring,
                .sender = endpoint_.self,
                .session = endpoint_.session};
    }

    // Everything that costs no cryptography.
    Reject find_channel(const Header& header, Channel*& out) {
        if (header.suite != static_cast<std::uint8_t>(aead_)) return Reject::other_suite;
        if (header.flags != 0) return Reject::bad_reserved;
        if (header.ring != endpoint_.ring) return Reject::other_ring;
        if (header.sender == endpoint_.self) return Reject::own_packet;
        const auto sender = std::lower_bound(senders_.begin(), senders_.end(), header.sender);
        if (sender == senders_.end() || *sender != header.sender) return Reject::unknown_sender;
        for (std::size_t i = 0; i < slots_.size(); ++i) {
            if (slots_[i].serial == 0 || keys_->keys()[i].id != header.key_id) continue;
            out = &slots_[i].channels[static_cast<std::size_t>(sender - senders_.begin())];
            slot_ = i;
            return Reject::none;
        }
        return Reject::unknown_key;
    }

    // A later session begins with its first authentic packet and not before (appendix B.4).
    bool authentic(const Header& header, Channel& channel, Bytes head, MutableBytes body) {
        if (header.session == channel.session) return channel.cipher->open(header.counter, head, body);
        if (!key_for(*candidate_, slot_, header.sender, header.session) ||
            !candidate_->open(header.counter, head, body)) {
            return false;
        }
        std::swap(candidate_, channel.cipher);
        channel.session = header.session;
        channel.window.reset();
        return true;
    }

    bool key_for(PacketCipher& cipher, std::size_t slot, NodeId sender, std::uint64_t session) {
        derive_packet_key(keys_->keys()[slot].master, static_cast<std::uint8_t>(aead_), endpoint_.ring, sender, session,
                          packet_key_.bytes());
        const bool done = cipher.set_key(packet_key_.bytes());
        packet_key_.wipe();
        return done;
    }

    void follow_keys() {
        if (generation_ == keys_->generation()) return;
        generation_ = keys_->generation();
        for (std::size_t i = 0; i < slots_.size(); ++i)
            rebuild(slots_[i], keys_->keys()[i].serial);
        senders_ = keys_->senders();
        // The key of a session that is over may go now, too.
        candidate_->set_key(packet_key_.bytes());
        ready_ = key_for(*sealing_, keys_->transmit_slot(), endpoint_.self, endpoint_.session);
    }

    // For the senders and the key of now, with what is known of those that stay.
    void rebuild(Slot& slot, std::uint64_t serial) {
        if (slot.serial != serial) slot.channels.clear();
        const bool known = !slot.channels.empty();
        std::vector<Channel> next(serial != 0 ? keys_->senders().size() : 0);
        for (std::size_t i = 0; i < next.size(); ++i) {
            const auto before = std::lower_bound(senders_.begin(), senders_.end(), keys_->senders()[i]);
            const bool stays = known && before != senders_.end() && *before == keys_->senders()[i];
            if (stays) {
                next[i] = std::move(slot.channels[static_cast<std::size_t>(before - senders_.begin())]);
            } else {
                next[i].cipher = make_packet_cipher(aead_, endpoint_.vectors);
            }
        }
        slot.serial = serial;
        slot.channels = std::move(next);
    }

    Aead aead_;
    NativeEndpoint endpoint_;
    std::uint64_t next_counter_;
    std::shared_ptr<KeyRing> keys_;
    std::uint64_t generation_ = 0;
    std::vector<NodeId> senders_;  // those of the channels
    std::array<Slot, KeyRing::kKeys> slots_;
    std::size_t slot_ = 0;  // of the packet being opened
    std::unique_ptr<PacketCipher> sealing_, candidate_;
    Secret packet_key_{PacketCipher::kKeySize};
    bool ready_ = false;
};

}  // namespace

bool is_native(Bytes datagram) {
    return datagram.size() >= kMagic.size() && std::equal(kMagic.begin(), kMagic.end(), datagram.begin());
}

std::unique_ptr<Suite> make_native_suite(Aead aead, const NativeEndpoint& endpoint, std::shared_ptr<KeyRing> keys) {
    return std::make_unique<NativeSuite>(aead, endpoint, std::move(keys));
}

}  // namespace totem::crypto
