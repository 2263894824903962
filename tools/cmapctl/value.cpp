#include "tools/cmapctl/value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>

#include "tools/common/program.hpp"

namespace tools::cmapctl {
namespace {

constexpr std::array<std::string_view, 13> names = {"",    "i8",  "u8",  "i16", "u16", "i32", "u32",
                                                    "i64", "u64", "flt", "dbl", "str", "bin"};

template <class T>
T number(const Value& value) {
    T result{};
    std::memcpy(&result, value.bytes.data(), std::min(sizeof result, value.bytes.size()));
    return result;
}

std::string text_of(const Value& value) {  // of a string, up to its NUL
    return value.bytes.substr(0, value.bytes.find('\0'));
}

// Calls `use` with the value as the type it has; false for strings, binaries and unknown types.
template <class Use>
bool with_number(const Value& value, Use use) {
    switch (value.type) {
        case CMAP_VALUETYPE_INT8:
            return use(number<std::int8_t>(value)), true;
        case CMAP_VALUETYPE_UINT8:
            return use(number<std::uint8_t>(value)), true;
        case CMAP_VALUETYPE_INT16:
            return use(number<std::int16_t>(value)), true;
        case CMAP_VALUETYPE_UINT16:
            return use(number<std::uint16_t>(value)), true;
        case CMAP_VALUETYPE_INT32:
            return use(number<std::int32_t>(value)), true;
        case CMAP_VALUETYPE_UINT32:
            return use(number<std::uint32_t>(value)), true;
        case CMAP_VALUETYPE_INT64:
            return use(number<std::int64_t>(value)), true;
        case CMAP_VALUETYPE_UINT64:
            return use(number<std::uint64_t>(value)), true;
        case CMAP_VALUETYPE_FLOAT:
            return use(number<float>(value)), true;
        case CMAP_VALUETYPE_DOUBLE:
            return use(number<double>(value)), true;
        default:
            return false;
    }
}

template <class T>
std::string packed(T value) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

template <class T>
bool read_as(const std::string& text, const char* format, T& value) {
    return std::sscanf(text.c_str(), format, &value) == 1;
}

// 8 to 32 bits: refused when out of range.
template <class T>
std::optional<std::string> small(long long value) {
    if (value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max()) return std::nullopt;
    return packed(static_cast<T>(value));
}

std::optional<std::string> small_bytes(cmap_value_types_t type, long long value) {
    switch (type) {
        case CMAP_VALUETYPE_INT8:
            return small<std::int8_t>(value);
        case CMAP_VALUETYPE_UINT8:
            return small<std::uint8_t>(value);
        case CMAP_VALUETYPE_INT16:
            return small<std::int16_t>(value);
        case CMAP_VALUETYPE_UINT16:
            return small<std::uint16_t>(value);
        case CMAP_VALUETYPE_INT32:
            return small<std::int32_t>(value);
        default:
            return small<std::uint32_t>(value);
    }
}

// The bytes of a number; nothing if the text does not begin with one.
std::optional<std::string> wide_bytes(cmap_value_types_t type, const std::string& text) {
    long long integer = 0;
    unsigned long long natural = 0;
    float single = 0;
    double real = 0;
    switch (type) {
        case CMAP_VALUETYPE_UINT64:
            return read_as(text, "%llu", natural) ? std::optional(packed<std::uint64_t>(natural)) : std::nullopt;
        case CMAP_VALUETYPE_FLOAT:
            return read_as(text, "%f", single) ? std::optional(packed(single)) : std::nullopt;
        case CMAP_VALUETYPE_DOUBLE:
            return read_as(text, "%lf", real) ? std::optional(packed(real)) : std::nullopt;
        default:
            return read_as(text, "%lld", integer) ? std::optional(packed<std::int64_t>(integer)) : std::nullopt;
    }
}

}  // namespace

std::string_view name_of(cmap_value_types_t type) {
    const auto index = static_cast<std::size_t>(type);
    return index < names.size() ? names[index] : std::string_view();
}

std::optional<cmap_value_types_t> type_named(std::string_view name) {
    const auto* found = std::find(names.begin() + 1, names.end(), name);
    if (found == names.end()) return std::nullopt;
    return static_cast<cmap_value_types_t>(found - names.begin());
}

std::string line_of(const std::string& key, const Value& value, const Style& style) {
    // The quiet form of a binary value keeps a bracket: what the original prints.
    const bool binary = value.type == CMAP_VALUETYPE_BINARY;
    std::string text = style.quiet ? "" : fmt::format("{} ({}) = ", key, name_of(value.type));
    if (binary) text = style.quiet ? "bin)" : fmt::format("{} (bin)", key);
    if (value.type == CMAP_VALUETYPE_STRING) {
        text += text_of(value);
    } else if (binary && style.binary) {
        text += " = " + (value.bytes.empty() ? std::string("*empty*") : escape(value.bytes.data(), value.bytes.size()));
    } else if (!binary) {
        with_number(value, [&text](auto n) {
            if constexpr (std::is_floating_point_v<decltype(n)>) {
                std::array<char, 512> digits{};  // the largest double has 309 digits before the point
                std::snprintf(digits.data(), digits.size(), "%f", static_cast<double>(n));
                text += digits.data();
            } else {
                text += std::to_string(n);
            }
        });
    }
    return text + "\n";
}

nlohmann::json json_of(const std::string& key, const Value& value) {
    nlohmann::json json = {{"key", key}, {"type", name_of(value.type)}, {"value", nullptr}};
    if (value.type == CMAP_VALUETYPE_STRING) {
        json["value"] = text_of(value);
    } else if (value.type == CMAP_VALUETYPE_BINARY) {
        json["value"] = escape(value.bytes.data(), value.bytes.size());
    } else {
        with_number(value, [&json](auto n) { json["value"] = n; });
    }
    return json;
}

std::optional<Value> parse_value(cmap_value_types_t type, const std::string& text, std::string& error) {
    if (type == CMAP_VALUETYPE_STRING) return Value{type, text};
    const auto wide = wide_bytes(type, text);
    if (!wide) {
        error = fmt::format("{} is not valid {} type value", text, name_of(type));
        return std::nullopt;
    }
    if (type >= CMAP_VALUETYPE_INT64) return Value{type, *wide};
    const auto bytes = small_bytes(type, number<std::int64_t>({CMAP_VALUETYPE_INT64, *wide}));
    if (bytes) return Value{type, *bytes};
    error = fmt::format("{} is not valid {} integer", text, name_of(type));
    return std::nullopt;
}

std::optional<Setting> parse_setting(const std::string& line) {
    auto word = [&line, at = std::size_t(0)]() mutable {
        const auto begin = line.find_first_not_of(" \n", at);
        at = line.find_first_of(" \n", begin);
        return begin == std::string::npos ? std::string() : line.substr(begin, at - begin);
    };
    Setting setting;
    setting.key = word();
    if (setting.key.empty() || setting.key[0] == '#') return std::nullopt;
    if (setting.key[0] == '^') {
        const bool prefix = setting.key.starts_with("^^");
        setting.kind = prefix ? Setting::Kind::remove_prefix : Setting::Kind::remove;
        setting.key.erase(0, prefix ? 2 : 1);
        return setting;
    }
    setting.type = word();
    setting.value = word();
    setting.complete = !setting.value.empty();
    return setting;
}

}  // namespace tools::cmapctl
