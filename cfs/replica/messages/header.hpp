#pragma once
// The headers in front of every message of both groups (pmxcfs-wire.md section 2), and the messages that are nothing
// but a header and a number. All integers are little-endian: upstream sends its host order and knows no other.

#include <cstdint>

#include "cfs/replica/messages/types.hpp"
#include "cfs/tree/digest.hpp"

namespace cfs::replica {

enum class MessageType : std::uint16_t {
    normal = 0,
    sync_start = 1,
    state = 2,
    update = 3,
    update_complete = 4,
    verify_request = 5,
    verify = 6,
};

struct Header {
    std::uint16_t type = 0;  // a MessageType, or what a stranger sent
    std::uint16_t subtype = 0;
    std::uint32_t protocol_version = 0;
    std::uint32_t time = 0;
    std::uint32_t reserved = 0;
    bool operator==(const Header&) const = default;
};

inline constexpr std::size_t kHeaderSize = 16;
inline constexpr std::size_t kNormalHeaderSize = 24;
inline constexpr std::size_t kStateHeaderSize = 32;

constexpr bool is(const Header& header, MessageType type) {
    return header.type == static_cast<std::uint16_t>(type);
}

// The payload is a view into the bytes that were decoded.
struct NormalMessage {
    Header header;
    std::uint64_t count = 0;
    Bytes payload;
};
struct StateMessage {
    Header header;
    Epoch epoch;
    Bytes payload;
};

// 2.4 checks 3, 6 and 7. The other checks need the receiver's state.
Decoded<Header> decode_header(Bytes message);
Decoded<NormalMessage> decode_normal(Bytes message);
Decoded<StateMessage> decode_state(Bytes message);

Buffer encode(const NormalMessage& message);
Buffer encode(const StateMessage& message);

using Checksum = Digest;

// Payloads of VERIFY_REQUEST and VERIFY; nullopt if the length is wrong.
struct Verify {
    std::uint64_t id = 0;
    Checksum checksum{};
    bool operator==(const Verify&) const = default;
};
std::optional<std::uint64_t> decode_verify_request(Bytes payload);
std::optional<Verify> decode_verify(Bytes payload);
Buffer encode_verify_request(std::uint64_t id);
Buffer encode(const Verify& verify);

}  // namespace cfs::replica
