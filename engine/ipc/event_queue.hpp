#pragma once
// Events that wait for room in a client's ring, copied one behind the other into blocks that go back to their pool when
// they are empty. As objects of their own, a hundred megabytes of small events would cost the loop milliseconds to
// free, and leave a heap in pieces that stays with the process.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>

#include "engine/ipc/block_pool.hpp"
#include "totem/base/bytes.hpp"

namespace engine::ipc {

class EventQueue {
public:
    explicit EventQueue(BlockPool& pool) : pool_(pool) {}
    ~EventQueue() { clear(); }
    EventQueue(const EventQueue&) = delete;
    EventQueue& operator=(const EventQueue&) = delete;

    // One event made of chunks. False, and nothing queued, if there is no memory.
    [[nodiscard]] bool push(std::span<const totem::Bytes> chunks);
    totem::Bytes front() const;  // only while not empty; valid until pop()
    void pop();
    void clear();

    bool empty() const { return count_ == 0; }
    std::size_t count() const { return count_; }
    std::size_t bytes() const { return bytes_; }  // of the events

private:
    struct Block {
        std::uint8_t* memory;
        std::size_t size, begin, end;
    };
    bool make_room(std::size_t size);

    BlockPool& pool_;
    std::deque<Block> blocks_;
    std::size_t count_ = 0, bytes_ = 0;
};

}  // namespace engine::ipc
