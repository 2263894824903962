#include "tests/rrp/recording.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "tests/support/captures.hpp"
#include "totem/crypto/secauth.hpp"

namespace totem::rrp::test {
namespace {

std::unique_ptr<crypto::Suite> suite_of(const totem::test::Capture& capture) {
    if (!capture.encrypted) return crypto::make_plain_suite(Dialect::v2);
    std::ifstream file(totem::test::data_directory() / "captures" / (capture.config + ".authkey"), std::ios::binary);
    const std::vector<char> read{std::istreambuf_iterator<char>(file), {}};
    const std::vector<std::uint8_t> key(read.begin(), read.end());
    return crypto::make_secauth_suite(crypto::Cipher::aes256, crypto::Hash::sha1, crypto::Secret::copy_of(key));
}

}  // namespace

std::vector<Heard> recording(const std::string& name) {
    const totem::test::Capture capture = totem::test::capture(name);
    const auto suite = suite_of(capture);
    const wire::Codec codec(Dialect::v2);
    std::vector<Heard> out;
    std::chrono::microseconds first{};
    for (totem::test::Datagram& datagram : capture.datagrams()) {
        if (out.empty()) first = datagram.time;
        Bytes message;
        wire::Header header;
        if (suite->open(datagram.payload, message) != crypto::Reject::none ||
            codec.decode(message, header) != wire::Drop::none) {
            throw std::runtime_error(name + ": frame " + std::to_string(datagram.frame) + " is no packet");
        }
        const auto& to = datagram.destination.bytes;
        out.push_back({.at = Instant(std::chrono::seconds(1000)) + (datagram.time - first),
                       .network = to[1] - 77u,
                       .from = datagram.source.bytes[3],
                       .to = to[0] == 239 ? 0u : to[3],
                       .type = header.type,
                       .message = {message.begin(), message.end()}});
    }
    return out;
}

std::vector<Heard> recording_without_jump(const std::string& name) {
    std::vector<Heard> out = recording(name);
    const wire::Codec codec(Dialect::v2);
    wire::Token last;
    bool any = false;
    const auto jump = std::find_if(out.begin(), out.end(), [&](const Heard& heard) {
        wire::Token token;
        if (codec.decode(heard.message, token) != wire::Drop::none) return false;
        const bool jumps = any && token.ring == last.ring && token.token_seq > last.token_seq + 1;
        if (!any || !(token.ring == last.ring) || token.token_seq > last.token_seq) last = token;
        any = true;
        return jumps;
    });
    out.erase(jump, out.end());
    return out;
}

}  // namespace totem::rrp::test
