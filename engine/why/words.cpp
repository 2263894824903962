#include "engine/why/words.hpp"

#include <cctype>
#include <ctime>

namespace engine::why {

namespace {
constexpr std::size_t kLongestList = 12;
}

std::string by_number(NodeId node) {
    return fmt::format("node {}", node);
}

std::string list(const NodeIds& nodes, const Names& names) {
    std::string out;
    const std::size_t shown = nodes.size() > kLongestList ? kLongestList - 1 : nodes.size();
    for (std::size_t i = 0; i < shown; ++i) {
        if (i > 0) out += i + 1 == nodes.size() ? " and " : ", ";
        out += names(nodes[i]);
    }
    if (shown < nodes.size()) out += fmt::format(" and {} more", nodes.size() - shown);
    return out;
}

std::string duration(std::uint64_t milliseconds) {
    if (milliseconds < 10'000) return fmt::format("{} ms", milliseconds);
    const std::uint64_t seconds = milliseconds / 1000;
    if (seconds < 120) return fmt::format("{} s", seconds);
    return fmt::format("{} min {} s", seconds / 60, seconds % 60);
}

std::string one_line(std::string text) {
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
    }
    return text;
}

std::string capital(std::string text) {
    if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    return text;
}

std::string counted(std::uint64_t count, const char* what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

namespace {

std::string formatted(std::int64_t milliseconds, const char* format) {
    std::time_t seconds = milliseconds / 1000;
    std::int64_t rest = milliseconds % 1000;
    if (rest < 0) {
        rest += 1000;
        --seconds;
    }
    std::tm parts{};
    if (localtime_r(&seconds, &parts) == nullptr) return "unknown time";
    char text[64];
    return std::string(text, std::strftime(text, sizeof text, format, &parts)) + fmt::format(".{:03}", rest);
}

}  // namespace

std::string time_text(std::int64_t milliseconds) {
    return formatted(milliseconds, "%Y-%m-%d %H:%M:%S");
}

std::string clock_text(std::int64_t milliseconds) {
    return formatted(milliseconds, "%H:%M:%S");
}

}  // namespace engine::why
