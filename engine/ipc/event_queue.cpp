#include "engine/ipc/event_queue.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

namespace engine::ipc {
namespace {

constexpr std::size_t kBlockSize = 128 * 1024, kPage = 4096;
// Of a client that stays behind. A page fault may cost ten microseconds in a virtual machine, 250 of them for what a
// client that reads nothing leaves behind in some milliseconds; a huge page is one.
constexpr std::size_t kHugePage = 2 * 1024 * 1024;
constexpr std::size_t kSmallBlocks = 4;
constexpr std::size_t kAlignment = 8;  // of events, which libqb takes for structs

// An event behind its length.
std::size_t footprint(std::size_t size) {
    return kAlignment + (size + kAlignment - 1) / kAlignment * kAlignment;
}

void* map(std::size_t size) {
    void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? nullptr : memory;
}

// Aligned as the kernel wants it for a huge page, which it gives if it has one.
void* map_huge_page() {
    auto* const whole = static_cast<std::uint8_t*>(map(2 * kHugePage));
    if (whole == nullptr) return nullptr;
    const std::size_t before = (kHugePage - reinterpret_cast<std::uintptr_t>(whole) % kHugePage) % kHugePage;
    if (before != 0) ::munmap(whole, before);
    ::munmap(whole + before + kHugePage, kHugePage - before);
    ::madvise(whole + before, kHugePage, MADV_HUGEPAGE);
    return whole + before;
}

}  // namespace

bool EventQueue::make_room(std::size_t size) {
    if (!blocks_.empty() && blocks_.back().size - blocks_.back().end >= size) return true;
    const bool huge = blocks_.size() >= kSmallBlocks && size <= kHugePage;
    const std::size_t whole = huge ? kHugePage : std::max(kBlockSize, (size + kPage - 1) / kPage * kPage);
    void* memory = huge ? map_huge_page() : map(whole);
    if (memory == nullptr) return false;
    blocks_.push_back({static_cast<std::uint8_t*>(memory), whole, 0, 0});
    return true;
}

void EventQueue::release(const Block& block) {
    ::munmap(block.memory, block.size);
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
    release(block);
    blocks_.pop_front();
}

void EventQueue::clear() {
    for (const Block& block : blocks_)
        release(block);
    blocks_.clear();
    count_ = bytes_ = 0;
}

}  // namespace engine::ipc
