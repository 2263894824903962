#include "tools/omping/messages.hpp"

#include <algorithm>

namespace tools::omping {
namespace {

using totem::ByteOrder;
using totem::Reader;

constexpr std::uint16_t kFamilyIpv4 = 1, kFamilyIpv6 = 2;

std::uint16_t family_of(const Address& address) {
    return address.is_v4() ? kFamilyIpv4 : kFamilyIpv6;
}

// --- reading

std::optional<Timestamp> read_time(Bytes value) {
    if (value.size() != 8) return std::nullopt;
    Reader in(value, ByteOrder::big);
    const std::uint32_t seconds = in.u32();
    return Timestamp{seconds, in.u32()};
}

std::optional<Address> read_group(Bytes value) {
    Reader in(value, ByteOrder::big);
    const std::uint16_t family = in.u16();
    if (family == kFamilyIpv4 && value.size() == 6) return address_from(in.rest());
    if (family == kFamilyIpv6 && value.size() == 18) return address_from(in.rest());
    return std::nullopt;
}

void read_prefix(Bytes value, std::vector<Prefix>& out) {
    Reader in(value, ByteOrder::big);
    Prefix prefix;
    prefix.family = in.u16();
    prefix.bits = in.u8();
    prefix.address = in.rest();
    if (in.ok()) out.push_back(prefix);
}

void read_request(Bytes value, Message& out) {
    if (value.size() < 2 || value.size() % 2 != 0) return;
    Reader in(value, ByteOrder::big);
    while (in.remaining() != 0) {
        const auto code = static_cast<Code>(in.u16());
        out.asks_information |= code == Code::information;
        out.asks_time |= code == Code::server_time;
    }
}

template <typename T>
void take(std::optional<T>& to, const std::optional<T>& value) {
    if (value) to = value;
}

void take_opaque(std::optional<Bytes>& to, Bytes value) {
    if (!value.empty()) to = value;
}

void read_option(Code code, Bytes value, Message& out) {
    switch (code) {
        case Code::version:
            if (value.size() == 1) out.version = value[0];
            break;
        case Code::client_id:
            take_opaque(out.client_id, value);
            break;
        case Code::sequence:
            if (value.size() == 4) out.sequence = Reader(value, ByteOrder::big).u32();
            break;
        case Code::client_time:
            take(out.client_time, read_time(value));
            break;
        case Code::group:
            take(out.group, read_group(value));
            break;
        case Code::request:
            read_request(value, out);
            break;
        case Code::information:
            take_opaque(out.information, value);
            break;
        case Code::ttl:
            if (value.size() == 1) out.ttl = value[0];
            break;
        case Code::prefix:
            read_prefix(value, out.prefixes);
            break;
        case Code::session:
            take_opaque(out.session, value);
            break;
        case Code::server_time:
            take(out.server_time, read_time(value));
            break;
        default:
            break;
    }
}

// --- writing

class Builder {
public:
    explicit Builder(Type type) { out_.push_back(static_cast<std::uint8_t>(type)); }

    Builder& option(Code code, Bytes value) {
        u16(static_cast<std::uint16_t>(code));
        u16(static_cast<std::uint16_t>(value.size()));
        out_.insert(out_.end(), value.begin(), value.end());
        return *this;
    }
    Builder& option(Code code, std::uint8_t value) { return option(code, Bytes(&value, 1)); }
    Builder& version() { return option(Code::version, kProtocolVersion); }
    Builder& sequence(std::uint32_t value) {
        u16(static_cast<std::uint16_t>(Code::sequence));
        u16(4);
        u32(value);
        return *this;
    }
    Builder& time(Code code, const Timestamp& value) {
        u16(static_cast<std::uint16_t>(code));
        u16(8);
        u32(value.seconds);
        u32(value.microseconds);
        return *this;
    }
    Builder& group(const Address& address) {
        const auto bytes = address_bytes(address);
        u16(static_cast<std::uint16_t>(Code::group));
        u16(static_cast<std::uint16_t>(bytes.size() + 2));
        u16(family_of(address));
        out_.insert(out_.end(), bytes.begin(), bytes.end());
        return *this;
    }
    Builder& prefix(const Address& address) {
        const auto bytes = address_bytes(address);
        u16(static_cast<std::uint16_t>(Code::prefix));
        u16(static_cast<std::uint16_t>(bytes.size() + 3));
        u16(family_of(address));
        out_.push_back(static_cast<std::uint8_t>(bytes.size() * 8));
        out_.insert(out_.end(), bytes.begin(), bytes.end());
        return *this;
    }
    Builder& request(Code code) {
        u16(static_cast<std::uint16_t>(Code::request));
        u16(2);
        u16(static_cast<std::uint16_t>(code));
        return *this;
    }
    Builder& information(const Message& asked, std::string_view text) {
        if (!asked.asks_information) return *this;
        return option(Code::information, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    }
    // What every answer to a request begins with.
    Builder& copied_identity(const Message& request) {
        version();
        if (request.client_id) option(Code::client_id, *request.client_id);
        if (request.sequence) sequence(*request.sequence);
        return *this;
    }

    Datagram take() { return std::move(out_); }

private:
    void u16(std::uint16_t value) {
        out_.push_back(static_cast<std::uint8_t>(value >> 8));
        out_.push_back(static_cast<std::uint8_t>(value));
    }
    void u32(std::uint32_t value) {
        u16(static_cast<std::uint16_t>(value >> 16));
        u16(static_cast<std::uint16_t>(value));
    }

    Datagram out_;
};

}  // namespace

bool Prefix::matches(const Address& group) const {
    if (family != family_of(group)) return false;
    if (bits == 0) return true;
    const auto own = address_bytes(group);
    const unsigned least = group.is_v4() ? 4 : 8;
    if (bits < least || bits > own.size() * 8 || address.size() < (bits + 7u) / 8) return false;
    std::vector<std::uint8_t> theirs(own.size());
    std::copy_n(address.begin(), std::min(address.size(), theirs.size()), theirs.begin());
    return same_network(group, address_from(theirs), bits);
}

std::optional<Bytes> Message::option(Code code) const {
    const auto found =
        std::find_if(options.rbegin(), options.rend(), [&](const Option& each) { return each.code == code; });
    return found == options.rend() ? std::nullopt : std::optional(found->value);
}

std::optional<Message> decode(Bytes datagram) {
    Reader in(datagram, ByteOrder::big);
    Message out;
    out.type = in.u8();
    while (in.ok() && in.remaining() != 0) {
        const auto code = static_cast<Code>(in.u16());
        const Bytes value = in.bytes(in.u16());
        if (!in.ok()) break;
        out.options.push_back({code, value});
        read_option(code, value, out);
    }
    return in.ok() ? std::optional(std::move(out)) : std::nullopt;
}

Datagram encode_init(const ClientId& client, const Address& group, bool ask_information) {
    Builder out(Type::init);
    out.version().option(Code::client_id, client);
    if (ask_information) out.request(Code::information);
    return out.prefix(group).take();
}

Datagram encode_query(const Query& query) {
    Builder out(Type::query);
    out.version().option(Code::client_id, query.client).sequence(query.sequence);
    out.time(Code::client_time, query.time).group(query.group);
    if (query.ask_time) out.request(Code::server_time);
    out.option(Code::session, query.session);
    for (const Option& extra : query.extra)
        out.option(extra.code, extra.value);
    return out.take();
}

Datagram encode_accept(const Message& init, const Address& group, const SessionId& session,
                       std::string_view information) {
    Builder out(Type::response);
    out.copied_identity(init).group(group).information(init, information);
    return out.option(Code::session, session).take();
}

Datagram encode_refuse(const Message& init, const Address& own_group, std::string_view information) {
    return Builder(Type::response).copied_identity(init).information(init, information).prefix(own_group).take();
}

Datagram encode_stop(const Message& message, std::string_view information) {
    return Builder(Type::response).copied_identity(message).information(message, information).take();
}

Datagram encode_answer(const Message& query, std::uint8_t ttl, const Timestamp& server_time) {
    Builder out(Type::answer);
    for (const Option& each : query.options) {
        switch (each.code) {
            case Code::information:
            case Code::ttl:
            case Code::prefix:
            case Code::session:
            case Code::server_time:
                break;
            default:
                out.option(each.code, each.value);
        }
    }
    out.option(Code::ttl, ttl);
    if (query.asks_time) out.time(Code::server_time, server_time);
    return out.take();
}

}  // namespace tools::omping
