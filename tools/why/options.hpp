#pragma once
// What totem-why shall show.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tools::why {

struct Options {
    std::optional<std::size_t> count;   // the last so many
    std::optional<std::int64_t> since;  // milliseconds since 1970
    bool follow = false, json = false;
    std::string file;  // "" for the usual one
};

// "90", "90s", "10m", "2h", "1d": so long before `now`; "2026-01-31", "2026-01-31 13:05", "2026-01-31T13:05:09" local,
// or with "Z" behind it UTC. Times in milliseconds since 1970. Nothing if it is none of these.
std::optional<std::int64_t> parse_time(std::string_view text, std::int64_t now);

}  // namespace tools::why
