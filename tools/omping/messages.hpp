#pragma once
// The four messages of omping as values. Spec omping.md sections 3 to 5.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tools/omping/address.hpp"
#include "totem/base/bytes.hpp"

namespace tools::omping {

using totem::Bytes;
using Datagram = std::vector<std::uint8_t>;
using ClientId = std::array<std::uint8_t, 24>;
using SessionId = std::array<std::uint8_t, 16>;

inline constexpr std::uint8_t kProtocolVersion = 2;
inline constexpr std::size_t kLargestMessage = 65535;

enum class Type : std::uint8_t { init = 'I', response = 'S', query = 'Q', answer = 'A' };

enum class Code : std::uint16_t {
    version = 0,
    client_id = 1,
    sequence = 2,
    client_time = 3,
    group = 4,
    request = 5,
    information = 6,
    ttl = 9,
    prefix = 10,
    session = 11,
    server_time = 12,
    // Private options, which every server copies into its answers (section 14.3).
    padding = 65001,
    qualifier = 65002,  // the sender qualifies the network: see qualify/exchange.hpp
    result = 65003,     // what it measured
};

// Wall clock; only its sender reads it back, or compares clocks by it.
struct Timestamp {
    std::uint32_t seconds = 0, microseconds = 0;
    bool operator==(const Timestamp&) const = default;
};

struct Prefix {
    std::uint16_t family = 0;
    std::uint8_t bits = 0;
    Bytes address;  // as many bytes as there are bits for, or more

    bool matches(const Address& group) const;
};

struct Option {
    Code code;
    Bytes value;
};

// A received message. Everything refers to the datagram, which must outlive it; options of a wrong length count as
// absent, and of repeated ones the last is taken.
struct Message {
    std::uint8_t type = 0;  // may be none of Type
    std::optional<std::uint8_t> version, ttl;
    std::optional<std::uint32_t> sequence;
    std::optional<Timestamp> client_time, server_time;
    std::optional<Address> group;
    std::optional<Bytes> client_id, session, information;
    bool asks_information = false, asks_time = false;
    std::vector<Prefix> prefixes;
    std::vector<Option> options;  // all, in their order

    bool is(Type wanted) const { return type == static_cast<std::uint8_t>(wanted); }
    std::optional<Bytes> option(Code code) const;  // the last one
};

// Nothing if there is no type byte or an option does not fit into the datagram.
std::optional<Message> decode(Bytes datagram);

Datagram encode_init(const ClientId& client, const Address& group, bool ask_information);

struct Query {
    ClientId client;
    std::uint32_t sequence = 0;
    Timestamp time;
    Address group;
    Bytes session;
    bool ask_time = false;
    std::vector<Option> extra = {};  // appended
};
Datagram encode_query(const Query& query);

// Answers of a server; `information` goes in where it was asked for.
Datagram encode_accept(const Message& init, const Address& group, const SessionId& session,
                       std::string_view information);
Datagram encode_refuse(const Message& init, const Address& own_group, std::string_view information);
Datagram encode_stop(const Message& message, std::string_view information);
Datagram encode_answer(const Message& query, std::uint8_t ttl, const Timestamp& server_time);

}  // namespace tools::omping
