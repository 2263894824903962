#pragma once
// Puts messages together again from the packets of each sender.
// Spec totempg-sync-services.md section 4. Internal to totem/pg.

#include <cstdint>
#include <map>
#include <vector>

#include "totem/pg/packet.hpp"
#include "totem/wire/types.hpp"

namespace totem::pg {

// Complete messages, groups header included; the bytes are valid during the call only.
class MessageSink {
public:
    virtual ~MessageSink() = default;
    virtual void message(NodeId sender, ByteOrder order, Bytes message) = 0;
};

// Recycles assembly buffers, so that steady traffic of large messages does not allocate. Both
// assembly lists share one.
class BufferPool {
public:
    std::vector<std::uint8_t> take();
    void give(std::vector<std::uint8_t>&& buffer);

private:
    static constexpr std::size_t kKept = 8;
    std::vector<std::vector<std::uint8_t>> free_;
};

struct AssemblyCounters {
    std::uint64_t oversized = 0, out_of_sequence = 0;
};

// One assembly list. Whole pieces are passed on straight from the packet; only messages that span
// packets are copied.
//
// Section 4's "skipping" flag is not needed: a sender with nothing in progress has last_frag 0, so
// the rest of a message whose beginning is missing never matches and is dropped piece by piece, while
// every whole piece behind it is delivered (the FREEDOM of step 5).
class Assembler {
public:
    Assembler(BufferPool& buffers, AssemblyCounters& counters) : buffers_(buffers), counters_(counters) {}

    // `sink` must not call back into this object.
    void accept(NodeId sender, const Packet& packet, MessageSink& sink);
    void forget(NodeId sender);

private:
    struct Record {
        std::vector<std::uint8_t> bytes;
        std::uint8_t last_frag = 0;  // number of the packet that must follow; 0 = nothing in progress
    };
    bool append(Record& record, Bytes piece);
    void release(Record& record);

    BufferPool& buffers_;
    AssemblyCounters& counters_;
    std::map<NodeId, Record> records_;  // node addresses stay stable while a message is delivered
};

}  // namespace totem::pg
