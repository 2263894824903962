#pragma once
// A value of the configuration map. Spec client-ipc.md section 9.3.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace engine::cmap {

// Numbers as clients see them; the order is that of Value's alternatives.
enum class Type : std::uint8_t {
    i8 = 1,
    u8 = 2,
    i16 = 3,
    u16 = 4,
    i32 = 5,
    u32 = 6,
    i64 = 7,
    u64 = 8,
    flt = 9,
    dbl = 10,
    string = 11,
    binary = 12,
};

using Binary = std::vector<std::byte>;

class Value {
public:
    using Variant = std::variant<std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, std::int32_t, std::uint32_t,
                                 std::int64_t, std::uint64_t, float, double, std::string, Binary>;

    // Of exactly one of the types above: no integer promotion, a u8 stays a u8.
    template <class T>
    requires requires(const Variant& variant) { std::get_if<T>(&variant); }
    Value(T value) : data_(std::in_place_type<T>, std::move(value)) {}
    Value(std::string_view text) : data_(std::in_place_type<std::string>, text) {}
    Value(const char* text) : Value(std::string_view(text)) {}

    // From a client's bytes, host byte order. A string comes with or without its NUL. nullopt: wrong size
    // for a number, a NUL inside of a string, unknown type.
    static std::optional<Value> from_bytes(std::uint8_t type, std::string_view bytes);
    // As clients get it: host byte order, a string with its NUL.
    std::string bytes() const;
    std::size_t length() const;  // of bytes()

    Type type() const { return static_cast<Type>(data_.index() + 1); }
    template <class T>
    const T* get_if() const {
        return std::get_if<T>(&data_);
    }
    const Variant& data() const { return data_; }

    // Same type and same bytes (so a NaN equals itself).
    bool operator==(const Value& other) const;

private:
    Variant data_;
};

}  // namespace engine::cmap
