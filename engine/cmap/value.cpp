#include "engine/cmap/value.hpp"

#include <array>
#include <cstring>
#include <type_traits>

namespace engine::cmap {
namespace {

template <std::size_t Index>
std::optional<Value> number(std::string_view bytes) {
    using Number = std::variant_alternative_t<Index, Value::Variant>;
    Number value{};
    if (bytes.size() != sizeof value) return std::nullopt;
    std::memcpy(&value, bytes.data(), sizeof value);
    return Value(value);
}

std::optional<Value> text(std::string_view bytes) {
    const std::size_t end = bytes.find('\0');
    if (end != std::string_view::npos && end + 1 != bytes.size()) return std::nullopt;
    return Value(bytes.substr(0, end));
}

std::optional<Value> binary(std::string_view bytes) {
    Binary value(bytes.size());
    if (!bytes.empty()) std::memcpy(value.data(), bytes.data(), bytes.size());
    return Value(std::move(value));
}

using FromBytes = std::optional<Value> (*)(std::string_view);
constexpr std::array<FromBytes, std::variant_size_v<Value::Variant>> kFromBytes = {
    number<0>, number<1>, number<2>, number<3>, number<4>, number<5>,
    number<6>, number<7>, number<8>, number<9>, text,      binary};

}  // namespace

std::optional<Value> Value::from_bytes(std::uint8_t type, std::string_view bytes) {
    if (type < 1 || type > kFromBytes.size()) return std::nullopt;
    return kFromBytes[type - 1U](bytes);
}

std::string Value::bytes() const {
    return std::visit(
        [](const auto& value) {
            using T = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<T, std::string>) {
                return value + '\0';
            } else if constexpr (std::is_same_v<T, Binary>) {
                return std::string(reinterpret_cast<const char*>(value.data()), value.size());
            } else {
                return std::string(reinterpret_cast<const char*>(&value), sizeof value);
            }
        },
        data_);
}

std::size_t Value::length() const {
    return std::visit(
        [](const auto& value) -> std::size_t {
            using T = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<T, std::string>) {
                return value.size() + 1;
            } else if constexpr (std::is_same_v<T, Binary>) {
                return value.size();
            } else {
                return sizeof value;
            }
        },
        data_);
}

bool Value::operator==(const Value& other) const {
    return type() == other.type() && bytes() == other.bytes();
}

}  // namespace engine::cmap
