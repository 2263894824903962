#pragma once
// What three recorded nodes on two networks said, from the reference captures (tests/data/captures/README.md).

#include <string>
#include <vector>

#include "totem/base/time.hpp"
#include "totem/wire/codec.hpp"

namespace totem::rrp::test {

struct Heard {
    Instant at;  // since 1000 s before the first packet
    unsigned network;
    NodeId from, to;  // to 0: the group
    wire::PacketType type;
    std::vector<std::uint8_t> message;  // the Totem message, protection removed
};

// All that went over the wire, in order. What 10.7{7,8}.0.n sends or gets is node n's, on network 0 or 1.
std::vector<Heard> recording(const std::string& capture);

// The part before the first jump in the token numbers of a ring: the longer captures lack their middle.
std::vector<Heard> recording_without_jump(const std::string& capture);

}  // namespace totem::rrp::test
