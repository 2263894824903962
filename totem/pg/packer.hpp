#pragma once
// Packs messages into packets and cuts those that do not fit.
// Spec totempg-sync-services.md section 3. Internal to totem/pg.

#include <cstdint>
#include <span>
#include <vector>

#include "totem/pg/packet.hpp"
#include "totem/pg/ring_port.hpp"

namespace totem::pg {

// Messages are copied once, straight into the frame that goes on the network. A packet is sent when
// it is full or on flush(). Packing is greedy (the FREEDOM of section 3.3): a message takes what is
// left of the current packet; fragment numbers start at 1 for each message.
class Packer {
public:
    Packer(std::size_t packet_size, ByteOrder order);
    void attach(RingPort& port) { port_ = &port; }

    // The caller has checked the room for `total` bytes, the sum of the chunks. False only if the
    // port refuses all the same; the message is then lost as a whole for every receiver.
    bool add(std::span<const Bytes> chunks, std::size_t total);
    // Sends what is staged; what the port refuses stays staged.
    void flush();

    std::size_t staged() const { return lengths_.size(); }
    // The staged piece is the end of a message whose beginning was submitted already.
    bool mid_message() const { return continuation_ != 0; }
    std::uint64_t packets_sent() const { return packets_sent_; }

private:
    // Bytes of data the current packet can hold if one more piece is opened.
    std::size_t limit() const { return packet_size_ - kPacketHeader - kLengthEntry * (lengths_.size() + 1); }
    MutableBytes room_for(std::size_t n);
    bool emit(std::uint8_t fragmented);
    void reset();

    const std::size_t packet_size_;
    const ByteOrder order_;
    RingPort* port_ = nullptr;
    FrameRef frame_;
    std::vector<std::uint16_t> lengths_;  // pieces of the staged packet
    std::size_t used_ = 0;                // bytes of data staged
    std::size_t data_at_ = 0;             // where they start, counted from the packet header
    std::uint8_t continuation_ = 0;
    std::uint64_t packets_sent_ = 0;
};

}  // namespace totem::pg
