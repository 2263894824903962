#pragma once
// Bytes that nobody else should see, in guarded memory of their own: locked, kept out of core dumps, and wiped when
// they go. Throws std::bad_alloc if there is none left.

#include <cstddef>

#include "totem/base/bytes.hpp"

namespace totem::crypto {

class Secret {
public:
    Secret() = default;
    explicit Secret(std::size_t size);  // zero bytes
    static Secret copy_of(Bytes bytes);
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    ~Secret();

    Bytes bytes() const { return {data_, size_}; }
    MutableBytes bytes() { return {data_, size_}; }
    std::size_t size() const { return size_; }
    void wipe();  // to zero bytes

private:
    std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace totem::crypto
