#include "totem/pg/packer.hpp"

#include <algorithm>
#include <cstring>

#include "totem/wire/types.hpp"

namespace totem::pg {
namespace {

// A message is not begun in fewer bytes than these: the receiver would have to copy it for nothing.
constexpr std::size_t kMinHead = 24;
// A message of at most this size is never cut if it fits a packet. Between the two halves the membership may change,
// and then who joins misses the message (section 4): peers may miss each other's data, but a join or leave of a process
// must reach everybody or nobody, or their lists differ for ever. (Upstream cuts them, too.)
constexpr std::size_t kUncut = 256;

}  // namespace

Packer::Packer(std::size_t packet_size, ByteOrder order) : packet_size_(packet_size), order_(order) {
    lengths_.reserve(packet_size / kLengthEntry);
}

MutableBytes Packer::room_for(std::size_t n) {
    if (!frame_) {
        frame_ = port_->frame_for_payload(packet_size_);
        data_at_ = kPacketHeader + kLengthEntry;
    }
    return frame_.writable().subspan(port_->payload_offset() + data_at_ + used_, n);
}

bool Packer::add(std::span<const Bytes> chunks, std::size_t total) {
    const std::size_t begin = total <= kUncut ? total : kMinHead;
    if (!lengths_.empty() && used_ + begin > limit() && !emit(0)) return false;
    std::uint8_t next_fragment = 1;
    std::size_t piece = 0;
    for (Bytes chunk : chunks) {
        while (!chunk.empty()) {
            if (used_ == limit()) {
                lengths_.push_back(static_cast<std::uint16_t>(piece));
                if (!emit(next_fragment)) {
                    reset();
                    continuation_ = 0;
                    return false;
                }
                next_fragment = next_fragment == 255 ? 1 : next_fragment + 1;
                piece = 0;
            }
            const std::size_t n = std::min(chunk.size(), limit() - used_);
            std::memcpy(room_for(n).data(), chunk.data(), n);
            chunk = chunk.subspan(n);
            used_ += n;
            piece += n;
        }
    }
    const bool full = used_ == limit();
    lengths_.push_back(static_cast<std::uint16_t>(piece));
    // 2.x receivers append whole packets to a buffer of 1 MiB without a check: the end of a message
    // near that size must travel alone.
    if (full || (mid_message() && total + packet_size_ > kMaxMessage)) flush();
    return true;
}

void Packer::flush() {
    if (!lengths_.empty()) (void)emit(0);
}

bool Packer::emit(std::uint8_t fragmented) {
    const std::size_t data_at = kPacketHeader + kLengthEntry * lengths_.size();
    const MutableBytes packet = frame_.writable().subspan(port_->payload_offset());
    if (data_at != data_at_) {
        std::memmove(packet.data() + data_at, packet.data() + data_at_, used_);
        data_at_ = data_at;
    }
    Writer out(packet.first(data_at), order_);
    out.u16(0);
    out.u16(0);
    out.u8(fragmented);
    out.u8(continuation_);
    out.u16(static_cast<std::uint16_t>(lengths_.size()));
    for (std::uint16_t length : lengths_)
        out.u16(length);
    FrameRef frame = frame_;
    frame.resize(port_->payload_offset() + data_at + used_);
    if (!port_->submit(std::move(frame))) return false;
    ++packets_sent_;
    reset();
    continuation_ = fragmented;
    return true;
}

void Packer::reset() {
    frame_.reset();
    lengths_.clear();
    used_ = 0;
}

}  // namespace totem::pg
