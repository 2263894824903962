#include "cfs/replica/clusterlog/ascii_filter.hpp"

#include <cstdint>
#include <optional>

#include <fmt/format.h>

namespace cfs::replica {
namespace {

struct Character {
    char32_t code = 0;
    std::size_t size = 1;
};

// The character at the start of `text`, which is not empty; nothing if it is no valid UTF-8.
std::optional<Character> next_character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t first = byte(0);
    if (first < 0x80) return Character{first, 1};
    const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < size) return std::nullopt;
    char32_t code = first & (0x7Fu >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return std::nullopt;
        code = code << 6 | (byte(i) & 0x3Fu);
    }
    static constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < kLeast[size] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return std::nullopt;
    return Character{code, size};
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto character = next_character(text);
        if (!character) return false;
        text.remove_prefix(character->size);
    }
    return true;
}

void append(std::string& out, char32_t code, Quotes quotes, bool utf8) {
    if (code == '"' && quotes == Quotes::escape)
        out += "\\\"";
    else if (code < 32 || (code == 127 && utf8))
        out += fmt::format("#{:03}", static_cast<unsigned>(code));
    else if (code < 127)
        out += static_cast<char>(code);
    else if (!utf8)
        out += '?';
    else if (code < 0x10000)
        out += fmt::format("\\u{:04x}", static_cast<unsigned>(code));
}

}  // namespace

std::string ascii_filter(std::string_view text, std::size_t capacity, Quotes quotes) {
    const bool utf8 = is_utf8(text);
    std::string out;
    while (!text.empty() && out.size() + 7 < capacity) {
        const Character character = utf8 ? *next_character(text) : Character{static_cast<std::uint8_t>(text[0]), 1};
        text.remove_prefix(character.size);
        append(out, character.code, quotes, utf8);
    }
    return out;
}

}  // namespace cfs::replica
