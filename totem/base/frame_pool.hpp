#pragma once
// Reference-counted datagram buffers that are recycled instead of freed, so that a ring in steady
// state allocates nothing. Two size classes: one fits any frame of an ordinary MTU, the other the
// largest UDP datagram.
//
// Thread rule: a pool and all its frames belong to one thread; the counts are not atomic.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "totem/base/bytes.hpp"

namespace totem {

class FramePool;

namespace detail {
struct FrameBlock {
    FramePool* pool;
    FrameBlock* next_free;
    std::uint32_t references;
    std::uint32_t size;      // bytes in use
    std::uint32_t capacity;  // bytes available after this header
    std::uint8_t* data() { return reinterpret_cast<std::uint8_t*>(this + 1); }
};
}  // namespace detail

// Shared ownership of one frame. Copying shares, it does not copy bytes. Empty after default
// construction or move. Frames must not outlive their pool.
class FrameRef {
public:
    FrameRef() = default;
    FrameRef(const FrameRef& other) : block_(other.block_) {
        if (block_) ++block_->references;
    }
    FrameRef(FrameRef&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
    FrameRef& operator=(FrameRef other) noexcept {
        std::swap(block_, other.block_);
        return *this;
    }
    ~FrameRef() { reset(); }

    inline void reset();
    explicit operator bool() const { return block_ != nullptr; }

    Bytes bytes() const { return block_ ? Bytes(block_->data(), block_->size) : Bytes{}; }
    // Writable only while nobody else holds the frame (not enforced).
    MutableBytes writable() { return {block_->data(), block_->capacity}; }
    // Sets the number of bytes in use, at most the capacity.
    void resize(std::size_t size) { block_->size = static_cast<std::uint32_t>(size); }
    std::size_t size() const { return block_ ? block_->size : 0; }

private:
    friend class FramePool;
    explicit FrameRef(detail::FrameBlock* block) : block_(block) {}
    detail::FrameBlock* block_ = nullptr;
};

class FramePool {
public:
    static constexpr std::size_t kSmallCapacity = 2048;
    static constexpr std::size_t kLargeCapacity = 65536;

    FramePool() = default;
    FramePool(const FramePool&) = delete;
    FramePool& operator=(const FramePool&) = delete;
    ~FramePool();

    // A frame with room for `size` bytes (at most kLargeCapacity) and size() == `size`; contents
    // undefined. Takes from the free list, or from the heap when that is empty.
    FrameRef allocate(std::size_t size);
    // A frame holding a copy of `data`.
    FrameRef copy(Bytes data);

    // Frames handed out and not returned.
    std::size_t in_use() const { return in_use_; }
    // Bytes taken from the heap so far; flat in steady state.
    std::size_t heap_bytes() const { return heap_bytes_; }

private:
    friend class FrameRef;
    void release(detail::FrameBlock* block);
    detail::FrameBlock* grow(std::size_t capacity);

    detail::FrameBlock* free_small_ = nullptr;
    detail::FrameBlock* free_large_ = nullptr;
    std::vector<std::unique_ptr<std::uint8_t[]>> slabs_;
    std::size_t in_use_ = 0;
    std::size_t heap_bytes_ = 0;
};

inline void FrameRef::reset() {
    if (block_ && --block_->references == 0) block_->pool->release(block_);
    block_ = nullptr;
}

}  // namespace totem
