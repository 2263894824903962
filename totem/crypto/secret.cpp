#include "totem/crypto/secret.hpp"

#include <sodium.h>

#include <algorithm>
#include <new>
#include <utility>

namespace totem::crypto {

Secret::Secret(std::size_t size) : size_(size) {
    if (sodium_init() < 0) throw std::bad_alloc();
    data_ = static_cast<std::uint8_t*>(sodium_malloc(std::max<std::size_t>(size, 1)));
    if (data_ == nullptr) throw std::bad_alloc();
    sodium_memzero(data_, size_);
}

Secret Secret::copy_of(Bytes bytes) {
    Secret out(bytes.size());
    std::copy(bytes.begin(), bytes.end(), out.data_);
    return out;
}

Secret::Secret(Secret&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

void Secret::wipe() {
    sodium_memzero(data_, size_);
}

Secret::~Secret() {
    sodium_free(data_);  // wipes first
}

}  // namespace totem::crypto
