// A packet of the ring, written and read again in dialect 3.x.
#include <array>
#include <cstdio>

#include "totem/wire/codec.hpp"

int main() {
    const totem::wire::Codec codec(totem::Dialect::v3);
    totem::wire::HoldCancel sent, received;
    sent.ring.seq = 12;
    std::array<std::uint8_t, 256> packet{};
    const std::size_t size = codec.encode(sent, packet);
    const auto dropped = codec.decode(totem::Bytes(packet.data(), size), received);
    if (size == 0 || dropped != totem::wire::Drop::none || received.ring.seq != 12) return 1;
    std::puts("read what was written");
}
