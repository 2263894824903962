#pragma once
// Memory for queues of events. What queues give back is kept for a while: who is a little behind fills and empties
// blocks all the time, and to map one costs a fault for each page, to unmap it an interrupt of every other processor.
//
// Thread rule: a pool and the queues that use it belong to one thread. Queues must not outlive their pool.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace engine::ipc {

class BlockPool {
public:
    static constexpr std::size_t kSmall = 128 * 1024;
    // Of a client that stays behind. A page fault may cost ten microseconds in a virtual machine, 250 of them for what
    // a client that reads nothing leaves behind in some milliseconds; a huge page is one.
    static constexpr std::size_t kHuge = 2 * 1024 * 1024;

    BlockPool();
    ~BlockPool() { trim(); }
    BlockPool(const BlockPool&) = delete;
    BlockPool& operator=(const BlockPool&) = delete;

    // `size` bytes, not cleared; null if there is no memory.
    std::uint8_t* take(std::size_t size);
    // With the size it was taken with. Kept if it is small or huge and not many are.
    void give(std::uint8_t* memory, std::size_t size) noexcept;
    // What is kept goes back to the system.
    void trim();

    std::size_t kept() const;  // bytes

private:
    struct Spare {
        std::size_t size, most;
        std::vector<std::uint8_t*> blocks = {};
    };
    Spare* spare_of(std::size_t size);

    std::array<Spare, 2> spares_{Spare{kSmall, 8}, Spare{kHuge, 2}};
};

}  // namespace engine::ipc
