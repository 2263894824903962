#include "totem/pg/assembler.hpp"

#include <utility>

#include "totem/base/planted.hpp"

namespace totem::pg {

std::vector<std::uint8_t> BufferPool::take() {
    if (free_.empty()) return {};
    std::vector<std::uint8_t> buffer = std::move(free_.back());
    free_.pop_back();
    return buffer;
}

void BufferPool::give(std::vector<std::uint8_t>&& buffer) {
    if (buffer.capacity() == 0 || free_.size() >= kKept) return;
    buffer.clear();
    free_.push_back(std::move(buffer));
}

bool Assembler::append(Record& record, Bytes piece) {
    if (piece.size() > kMaxMessage - record.bytes.size()) {
        ++counters_.oversized;
        release(record);
        return false;
    }
    if (record.bytes.capacity() == 0) record.bytes = buffers_.take();
    record.bytes.insert(record.bytes.end(), piece.begin(), piece.end());
    return true;
}

void Assembler::release(Record& record) {
    buffers_.give(std::exchange(record.bytes, {}));
    record.last_frag = 0;
}

void Assembler::accept(NodeId sender, const Packet& packet, MessageSink& sink) {
    Record& record = records_[sender];
    const bool matches = packet.continuation == record.last_frag;
    if (!matches) {
        ++counters_.out_of_sequence;
        release(record);
    }
    std::size_t offset = 0;
    for (std::size_t i = 0; i < packet.count; ++i) {
        const Bytes piece = packet.data.subspan(offset, packet.length(i));
        offset += piece.size();
        const bool has_head = i == 0 && packet.continuation != 0;
        if (has_head && !matches) continue;
        const bool goes_on = i + 1u == packet.count && packet.fragmented != 0;
        if (goes_on) {
            const bool lost = planted(Bug::lose_middle_fragments) && has_head;
            if (lost || append(record, piece)) record.last_frag = packet.fragmented;
        } else if (has_head) {
            if (append(record, piece)) sink.message(sender, packet.order, record.bytes);
            release(record);
        } else {
            sink.message(sender, packet.order, piece);
        }
    }
}

void Assembler::forget(NodeId sender) {
    auto found = records_.find(sender);
    if (found == records_.end()) return;
    release(found->second);
    records_.erase(found);
}

}  // namespace totem::pg
