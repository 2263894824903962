#pragma once
// Totem packets of any type, for tests that don't care which.

#include <variant>

#include "totem/wire/codec.hpp"

namespace totem::test {

using AnyPacket = std::variant<wire::Token, wire::Mcast, wire::MergeDetect, wire::Join, wire::CommitToken,
                               wire::HoldCancel, wire::RingTest>;

// Decodes whatever type the header names.
[[nodiscard]] wire::Drop decode_any(const wire::Codec& codec, Bytes packet, AnyPacket& out);

// The packet's bytes; empty if the codec can't encode it.
std::vector<std::uint8_t> encode_any(const wire::Codec& codec, const AnyPacket& packet);

wire::Header& header_of(AnyPacket& packet);
const wire::Header& header_of(const AnyPacket& packet);

// Every field the same, down to unused address bytes; only the byte order the packets were written
// in does not count.
bool same_values(const AnyPacket& a, const AnyPacket& b);

}  // namespace totem::test
