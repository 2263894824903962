#include "engine/ipc/block_pool.hpp"

#include <sys/mman.h>

#include <algorithm>

namespace engine::ipc {
namespace {

std::uint8_t* map(std::size_t size) {
    void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? nullptr : static_cast<std::uint8_t*>(memory);
}

// Aligned as the kernel wants it for a huge page, which it gives if it has one.
std::uint8_t* map_huge_page() {
    constexpr std::size_t kSize = BlockPool::kHuge;
    std::uint8_t* const whole = map(2 * kSize);
    if (whole == nullptr) return nullptr;
    const std::size_t before = (kSize - reinterpret_cast<std::uintptr_t>(whole) % kSize) % kSize;
    if (before != 0) ::munmap(whole, before);
    ::munmap(whole + before + kSize, kSize - before);
    ::madvise(whole + before, kSize, MADV_HUGEPAGE);
    return whole + before;
}

}  // namespace

BlockPool::BlockPool() {
    for (Spare& spare : spares_)
        spare.blocks.reserve(spare.most);
}

BlockPool::Spare* BlockPool::spare_of(std::size_t size) {
    const auto found =
        std::find_if(spares_.begin(), spares_.end(), [&](const Spare& spare) { return spare.size == size; });
    return found == spares_.end() ? nullptr : &*found;
}

std::uint8_t* BlockPool::take(std::size_t size) {
    if (Spare* spare = spare_of(size); spare != nullptr && !spare->blocks.empty()) {
        std::uint8_t* const memory = spare->blocks.back();  // the last one used, as the caches still have it
        spare->blocks.pop_back();
        return memory;
    }
    return size == kHuge ? map_huge_page() : map(size);
}

void BlockPool::give(std::uint8_t* memory, std::size_t size) noexcept {
    Spare* const spare = spare_of(size);
    if (spare == nullptr || spare->blocks.size() >= spare->most) {
        ::munmap(memory, size);
        return;
    }
    spare->blocks.push_back(memory);
}

void BlockPool::trim() {
    for (Spare& spare : spares_) {
        for (std::uint8_t* memory : spare.blocks)
            ::munmap(memory, spare.size);
        spare.blocks.clear();
    }
}

std::size_t BlockPool::kept() const {
    std::size_t bytes = 0;
    for (const Spare& spare : spares_)
        bytes += spare.blocks.size() * spare.size;
    return bytes;
}

}  // namespace engine::ipc
