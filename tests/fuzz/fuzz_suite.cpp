// The input is one datagram, opened by the suites without cipher and hash, by those of 2.x and by the native ones: what
// the first accept must seal to the same datagram, the others must refuse it. Then the input is a sequence of what may
// happen to packets between two nodes of the native suite: each is taken once, as it was sent, and nothing else is.

#include <algorithm>
#include <set>
#include <vector>

#include "tests/crypto/native_support.hpp"
#include "tests/fuzz/input.hpp"
#include "totem/crypto/secauth.hpp"

using namespace totem;
using crypto::Reject;
using test::Buffer, test::NativeNode;

namespace {

void open_plain(Bytes data) {
    for (const Dialect dialect : {Dialect::v2, Dialect::v3}) {
        FUZZ_CHECK(!crypto::guess_sender(dialect, data).empty());
        const auto suite = crypto::make_plain_suite(dialect);
        Buffer datagram(data.begin(), data.end()), sealed(data.size());
        Bytes message;
        if (suite->open(datagram, message) != Reject::none) continue;
        FUZZ_CHECK(message.size() + suite->overhead() == data.size());
        FUZZ_CHECK(suite->seal(message, sealed) == data.size());
        FUZZ_CHECK(std::equal(sealed.begin(), sealed.end(), data.begin()));
        if (!data.empty()) {
            sealed.pop_back();
            FUZZ_CHECK(suite->seal(message, sealed) == 0);
        }
    }
}

void open_protected(Bytes data) {
    const crypto::Secret key = crypto::Secret::copy_of(Buffer(128, 7));
    const auto suite = crypto::make_secauth_suite(crypto::Cipher::aes256, crypto::Hash::sha1, key);
    Buffer datagram(data.begin(), data.end());
    Bytes message;
    const Reject alone = suite->open(datagram, message);
    FUZZ_CHECK(alone != Reject::none);
    // Several together are judged as alone.
    std::vector<Buffer> copies(4, Buffer(data.begin(), data.end()));
    std::vector<crypto::Suite::Opening> together;
    for (Buffer& copy : copies)
        together.push_back({copy});
    suite->open_all(together);
    for (const crypto::Suite::Opening& opened : together)
        FUZZ_CHECK(opened.reject == alone);
}

// Two nodes that share a key, one that sends in the name of the first with another.
class Wire {
public:
    explicit Wire(crypto::Aead aead)
        : aead_(aead), from_(aead, 1), to_(aead, 2), stranger_(aead, 1, 0, 100, other_key()) {}

    // With a header as it should be, only a tag can tell.
    void strange(Bytes data) {
        Buffer datagram(data.begin(), data.end());
        FUZZ_CHECK(to_.judge(datagram) != Reject::none);
        const Buffer good = from_.sealed({});
        ++counter_;
        std::copy_n(good.begin(), std::min<std::size_t>(datagram.size(), 20), datagram.begin());
        FUZZ_CHECK(to_.judge(datagram) != Reject::none);
    }

    void step(fuzz::Input& in) {
        switch (in.below(8)) {
            case 0:
            case 1:
                return send(in);
            case 2:
            case 3:
                return deliver(in);
            case 4:
                return tamper(in);
            case 5:
                return cut(in);
            case 6: {
                const Bytes message = in.bytes();
                FUZZ_CHECK(to_.judge(stranger_.sealed({message.begin(), message.end()})) != Reject::none);
                return;
            }
            default:
                return restart(in);
        }
    }

private:
    struct Packet {
        std::uint64_t session, counter;
        Buffer message, datagram;
    };

    static std::shared_ptr<crypto::KeyRing> other_key() { return test::key_ring(8); }

    void send(fuzz::Input& in) {
        const Bytes bytes = in.bytes();
        const Buffer message(bytes.begin(), bytes.end());
        packets_.push_back({session_, counter_++, message, from_.sealed(message)});
        // Some of them are lost in numbers.
        for (unsigned skip = in.flag() ? 0 : in.u8() * 16; skip > 0; --skip, ++counter_)
            from_.sealed({});
    }

    const Packet* pick(fuzz::Input& in) {
        return packets_.empty() ? nullptr : &packets_[in.below(static_cast<std::uint32_t>(packets_.size()))];
    }

    void deliver(fuzz::Input& in) {
        const Packet* packet = pick(in);
        if (packet == nullptr) return;
        const Reject verdict = to_.judge(packet->datagram);
        if (packet->session < known_session_) {
            FUZZ_CHECK(verdict == Reject::old_session);
            return;
        }
        if (packet->session > known_session_) {
            highest_ = 0;
            taken_.clear();
        }
        const bool in_window = packet->counter > highest_ || highest_ - packet->counter < 1024;
        if (!in_window || taken_.contains(packet->counter)) {
            FUZZ_CHECK(verdict == Reject::replayed);
            return;
        }
        FUZZ_CHECK(verdict == Reject::none && to_.opened == packet->message);
        known_session_ = packet->session;
        highest_ = std::max(highest_, packet->counter);
        taken_.insert(packet->counter);
    }

    void tamper(fuzz::Input& in) {
        const Packet* packet = pick(in);
        if (packet == nullptr) return;
        Buffer datagram = packet->datagram;
        datagram[in.u16() % datagram.size()] ^= static_cast<std::uint8_t>(in.u8() | 1);
        FUZZ_CHECK(to_.judge(datagram) != Reject::none);
    }

    void cut(fuzz::Input& in) {
        const Packet* packet = pick(in);
        if (packet == nullptr) return;
        Buffer datagram = packet->datagram;
        datagram.resize(in.u16() % datagram.size());
        FUZZ_CHECK(to_.judge(datagram) != Reject::none);
    }

    void restart(fuzz::Input& in) {
        session_ += 1 + in.u8();
        counter_ = 1;
        from_ = NativeNode(aead_, 1, 0, session_);
    }

    crypto::Aead aead_;
    NativeNode from_, to_, stranger_;
    std::uint64_t session_ = 100, counter_ = 1;      // of the sender's next packet
    std::uint64_t known_session_ = 0, highest_ = 0;  // as the receiver should have it
    std::set<std::uint64_t> taken_;
    std::vector<Packet> packets_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes all(data, size);
    open_plain(all);
    open_protected(all);
    for (const crypto::Aead aead : {crypto::Aead::xchacha20, crypto::Aead::aes256_gcm}) {
        Wire wire(aead);
        wire.strange(all);
        fuzz::Input in(data, size);
        for (int steps = 0; !in.done() && steps < 200; ++steps)
            wire.step(in);
    }
    return 0;
}
