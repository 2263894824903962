#pragma once
// Plain structs from and to bytes.

#include <cstring>
#include <span>
#include <type_traits>

#include "totem/base/bytes.hpp"

namespace engine::ipc {

// `message` holds at least that many bytes; it is read once.
template <typename T>
T load(totem::Bytes message) {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    std::memcpy(&value, message.data(), sizeof value);
    return value;
}

template <typename T>
totem::Bytes bytes_of(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    return {reinterpret_cast<const std::uint8_t*>(&value), sizeof value};
}

template <typename T>
totem::Bytes bytes_of_list(std::span<const T> list) {
    return {reinterpret_cast<const std::uint8_t*>(list.data()), list.size_bytes()};
}

}  // namespace engine::ipc
