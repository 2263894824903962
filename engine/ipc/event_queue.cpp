#include "engine/ipc/event_queue.hpp"

#include <algorithm>
#include <cstring>

namespace engine::ipc {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kSmallBlocks = 4;
constexpr std::size_t kAlignment = 8;  // of events, which libqb takes for structs

// An event behind its length.
std::size_t footprint(std::size_t size) {
    return kAlignment + (size + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace

bool EventQueue::make_room(std::size_t size) {
    if (!blocks_.empty() && blocks_.back().size - blocks_.back().end >= size) return true;
    // Of a client that stays behind, or whose events would leave much of a small one unused.
    const bool huge = blocks_.size() >= kSmallBlocks || size > BlockPool::kSmall / 4;
    const std::size_t ordinary = huge ? BlockPool::kHuge : BlockPool::kSmall;
    const std::size_t whole = std::max(ordinary, (size + kPage - 1) / kPage * kPage);
    std::uint8_t* const memory = pool_.take(whole);
    if (memory == nullptr) return false;
    blocks_.push_back({memory, whole, 0, 0});
    return true;
}

bool EventQueue::push(std::span<const totem::Bytes> chunks) {
    std::size_t size = 0;
    for (const totem::Bytes& chunk : chunks)
        size += chunk.size();
    if (!make_room(footprint(size))) return false;
    Block& block = blocks_.back();
    std::uint8_t* at = block.memory + block.end;
    std::memcpy(at, &size, sizeof size);
    at += kAlignment;
    for (const totem::Bytes& chunk : chunks) {
        if (chunk.empty()) continue;
        std::memcpy(at, chunk.data(), chunk.size());
        at += chunk.size();
    }
    block.end += footprint(size);
    ++count_;
    bytes_ += size;
    return true;
}

totem::Bytes EventQueue::front() const {
    const Block& block = blocks_.front();
    std::size_t size = 0;
    std::memcpy(&size, block.memory + block.begin, sizeof size);
    return {block.memory + block.begin + kAlignment, size};
}

void EventQueue::pop() {
    const std::size_t size = front().size();
    Block& block = blocks_.front();
    block.begin += footprint(size);
    --count_;
    bytes_ -= size;
    if (block.begin < block.end) return;
    pool_.give(block.memory, block.size);
    blocks_.pop_front();
}

void EventQueue::clear() {
    for (const Block& block : blocks_)
        pool_.give(block.memory, block.size);
    blocks_.clear();
    count_ = bytes_ = 0;
}

}  // namespace engine::ipc
