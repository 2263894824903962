#include "tools/why/options.hpp"

#include <charconv>
#include <ctime>

namespace tools::why {
namespace {

// A number of seconds, minutes, ...
std::optional<std::int64_t> parse_span(std::string_view text) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    constexpr std::int64_t kMost = 100LL * 366 * 24 * 3600;
    if (error != std::errc() || count < 0 || count > kMost) return std::nullopt;
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    if (unit.empty() || unit == "s") return count;
    if (unit == "m") return count * 60;
    if (unit == "h") return count * 3600;
    if (unit == "d") return count * 24 * 3600;
    return std::nullopt;
}

std::optional<std::int64_t> parse_date(std::string text) {
    const bool utc = text.ends_with('Z');
    if (utc) text.pop_back();
    for (const char* format :
         {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"}) {
        std::tm parts{};
        parts.tm_isdst = -1;
        const char* end = strptime(text.c_str(), format, &parts);
        if (end == nullptr || *end != '\0') continue;
        const int day = parts.tm_mday;
        const std::time_t time = utc ? timegm(&parts) : mktime(&parts);
        // A 31st of February would be taken for a day of March.
        if (parts.tm_mday == day) return time;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text, std::int64_t now) {
    if (const auto span = parse_span(text)) return now - *span * 1000;
    if (const auto date = parse_date(std::string(text))) return *date * 1000;
    return std::nullopt;
}

}  // namespace tools::why
