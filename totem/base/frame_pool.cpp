#include "totem/base/frame_pool.hpp"

#include <new>
#include <stdexcept>

namespace totem {

namespace {

// Blocks taken from the heap at once: a ring needs many small frames and few large ones.
constexpr std::size_t kSmallPerSlab = 64;
constexpr std::size_t kLargePerSlab = 4;

}  // namespace

FramePool::~FramePool() = default;

FrameRef FramePool::allocate(std::size_t size) {
    if (size > kLargeCapacity) throw std::length_error("frame larger than FramePool::kLargeCapacity");
    const bool small = size <= kSmallCapacity;
    detail::FrameBlock*& head = small ? free_small_ : free_large_;
    if (!head) head = grow(small ? kSmallCapacity : kLargeCapacity);
    detail::FrameBlock* block = head;
    head = block->next_free;
    block->next_free = nullptr;
    block->references = 1;
    block->size = static_cast<std::uint32_t>(size);
    ++in_use_;
    return FrameRef(block);
}

FrameRef FramePool::copy(Bytes data) {
    FrameRef frame = allocate(data.size());
    if (!data.empty()) std::memcpy(frame.writable().data(), data.data(), data.size());
    return frame;
}

void FramePool::release(detail::FrameBlock* block) {
    detail::FrameBlock*& head = block->capacity == kSmallCapacity ? free_small_ : free_large_;
    block->next_free = head;
    head = block;
    --in_use_;
}

// A chain of fresh blocks, linked by next_free.
detail::FrameBlock* FramePool::grow(std::size_t capacity) {
    const std::size_t count = capacity == kSmallCapacity ? kSmallPerSlab : kLargePerSlab;
    const std::size_t stride = sizeof(detail::FrameBlock) + capacity;
    static_assert(kSmallCapacity % alignof(detail::FrameBlock) == 0 &&
                  kLargeCapacity % alignof(detail::FrameBlock) == 0);
    // Not value-initialised: the bytes are the caller's, and touching them would page the slab in.
    slabs_.push_back(std::unique_ptr<std::uint8_t[]>(new std::uint8_t[count * stride]));
    heap_bytes_ += count * stride;
    std::uint8_t* base = slabs_.back().get();
    detail::FrameBlock* head = nullptr;
    for (std::size_t i = count; i-- > 0;) {
        head = new (base + i * stride) detail::FrameBlock{this, head, 0, 0, static_cast<std::uint32_t>(capacity)};
    }
    return head;
}

}  // namespace totem
