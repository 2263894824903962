#include "tools/omping/trace.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tools::omping {
namespace {

constexpr std::size_t kPerLine = 16;

std::string name_of(std::uint8_t type) {
    switch (static_cast<Type>(type)) {
        case Type::init:
            return "init";
        case Type::response:
            return "response";
        case Type::query:
            return "query";
        case Type::answer:
            return "answer";
    }
    return fmt::format("type {}", type);
}

std::string text_of(const Endpoint& endpoint) {
    return fmt::format("{} port {}", endpoint.address.to_string(), endpoint.port);
}

char printable(std::uint8_t byte) {
    return byte >= 0x20 && byte < 0x7F ? static_cast<char>(byte) : '.';
}

}  // namespace

std::string describe(Bytes datagram) {
    const auto message = decode(datagram);
    if (!message) return fmt::format("no message of omping, {} bytes", datagram.size());
    std::string out = name_of(message->type);
    if (message->version != kProtocolVersion) out += " of another version";
    if (message->sequence) out += fmt::format(", seq={}", *message->sequence);
    if (message->group) out += fmt::format(", group {}", message->group->to_string());
    // Who answers without a group wants another one, which it names, or no more.
    if (message->is(Type::response) && !message->group) out += message->prefixes.empty() ? ", stop" : ", another group";
    return out + fmt::format(", {} bytes", datagram.size());
}

std::string dump(Bytes datagram) {
    std::string out;
    for (std::size_t at = 0; at < datagram.size(); at += kPerLine) {
        const Bytes line = datagram.subspan(at, std::min(kPerLine, datagram.size() - at));
        std::string hex, text;
        for (const std::uint8_t byte : line) {
            hex += fmt::format(" {:02x}", byte);
            text += printable(byte);
        }
        out += fmt::format("{}  {:04x} {:<48}  {}", at == 0 ? "" : "\n", at, hex, text);
    }
    return out;
}

void Trace::received(const Reception& reception) const {
    const std::string ttl = reception.ttl != 0 ? fmt::format(" with ttl {}", reception.ttl) : std::string();
    tell(fmt::format("received {}from {}{}", reception.group ? "over the group " : "", text_of(reception.from), ttl),
         reception.bytes);
}

void Trace::send(const Endpoint& to, Bytes message) {
    tell("sent to " + text_of(to), message);
    port_.send(to, message);
}

void Trace::send_to_group(std::uint16_t port, Bytes message) {
    tell(fmt::format("sent to the group, port {}", port), message);
    port_.send_to_group(port, message);
}

void Trace::tell(const std::string& what, Bytes datagram) const {
    say_(fmt::format("{}: {}", what, describe(datagram)));
    if (bytes_) say_(dump(datagram));
}

}  // namespace tools::omping
