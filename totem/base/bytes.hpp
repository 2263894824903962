#pragma once
// Bounds-checked reading and writing of packed binary data in either byte order.
//
// Every decoder in the project goes through Reader: an access past the end yields zeros, marks the
// reader failed and consumes nothing, so a decoder may read a whole structure and test ok() once.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

namespace totem {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

enum class ByteOrder : std::uint8_t { little, big };

inline constexpr ByteOrder kNativeOrder =
    std::endian::native == std::endian::little ? ByteOrder::little : ByteOrder::big;

constexpr ByteOrder opposite(ByteOrder order) {
    return order == ByteOrder::little ? ByteOrder::big : ByteOrder::little;
}

template <typename T>
constexpr T byteswap(T value) {
    static_assert(std::is_unsigned_v<T>);
    if constexpr (sizeof(T) == 1) return value;
    if constexpr (sizeof(T) == 2) return static_cast<T>(__builtin_bswap16(value));
    if constexpr (sizeof(T) == 4) return static_cast<T>(__builtin_bswap32(value));
    if constexpr (sizeof(T) == 8) return static_cast<T>(__builtin_bswap64(value));
}

// Reads from a span it does not own; the span must outlive it.
class Reader {
public:
    Reader(Bytes data, ByteOrder order) : data_(data), order_(order) {}

    std::uint8_t u8() { return load<std::uint8_t>(); }
    std::uint16_t u16() { return load<std::uint16_t>(); }
    std::uint32_t u32() { return load<std::uint32_t>(); }
    std::uint64_t u64() { return load<std::uint64_t>(); }
    std::int32_t i32() { return static_cast<std::int32_t>(load<std::uint32_t>()); }

    // A view of the next `n` bytes; empty on failure.
    Bytes bytes(std::size_t n) {
        if (n > remaining()) {
            failed_ = true;
            return {};
        }
        Bytes out = data_.subspan(position_, n);
        position_ += n;
        return out;
    }
    void skip(std::size_t n) { (void)bytes(n); }
    // Moves to the next multiple of `alignment` counted from the start of the data.
    void align(std::size_t alignment) { skip((alignment - position_ % alignment) % alignment); }

    bool ok() const { return !failed_; }
    std::size_t position() const { return position_; }
    std::size_t remaining() const { return data_.size() - position_; }
    Bytes rest() const { return data_.subspan(position_); }
    ByteOrder order() const { return order_; }

private:
    template <typename T>
    T load() {
        if (sizeof(T) > remaining()) {
            failed_ = true;
            return 0;
        }
        T value;
        std::memcpy(&value, data_.data() + position_, sizeof(T));
        position_ += sizeof(T);
        return order_ == kNativeOrder ? value : byteswap(value);
    }

    Bytes data_;
    std::size_t position_ = 0;
    ByteOrder order_;
    bool failed_ = false;
};

// Writes into a span it does not own. Writing past the end marks the writer failed and writes nothing.
class Writer {
public:
    Writer(MutableBytes out, ByteOrder order) : out_(out), order_(order) {}

    void u8(std::uint8_t v) { store(v); }
    void u16(std::uint16_t v) { store(v); }
    void u32(std::uint32_t v) { store(v); }
    void u64(std::uint64_t v) { store(v); }
    void i32(std::int32_t v) { store(static_cast<std::uint32_t>(v)); }

    void bytes(Bytes data) {
        if (data.size() > remaining()) {
            failed_ = true;
            return;
        }
        if (!data.empty()) std::memcpy(out_.data() + position_, data.data(), data.size());
        position_ += data.size();
    }
    void zeros(std::size_t n) {
        if (n > remaining()) {
            failed_ = true;
            return;
        }
        if (n != 0) std::memset(out_.data() + position_, 0, n);
        position_ += n;
    }
    // Zero bytes up to the next multiple of `alignment` counted from the start.
    void align(std::size_t alignment) { zeros((alignment - position_ % alignment) % alignment); }

    bool ok() const { return !failed_; }
    std::size_t position() const { return position_; }
    std::size_t remaining() const { return out_.size() - position_; }
    ByteOrder order() const { return order_; }

private:
    template <typename T>
    void store(T value) {
        if (sizeof(T) > remaining()) {
            failed_ = true;
            return;
        }
        if (order_ != kNativeOrder) value = byteswap(value);
        std::memcpy(out_.data() + position_, &value, sizeof(T));
        position_ += sizeof(T);
    }

    MutableBytes out_;
    std::size_t position_ = 0;
    ByteOrder order_;
    bool failed_ = false;
};

}  // namespace totem
