#pragma once
// Paths as messages and operations carry them (pmxcfs.md 5.2, 7, 8): no leading slash needed, "" is the root.

#include <optional>
#include <string_view>

namespace cfs {

// Takes the first component off `rest`; nothing when there is none left. Empty components do not count.
std::optional<std::string_view> next_component(std::string_view& rest);

// "", "." and "/" (any number of slashes).
bool names_root(std::string_view path);

struct SplitPath {
    std::string_view directory;  // "." for a single component
    std::string_view name;       // may be one that is not allowed
};
SplitPath split_path(std::string_view path);

bool allowed_name(std::string_view name);

inline constexpr std::string_view kLockDirectory = "priv/lock";
// priv/lock/ and something behind it, at any depth.
bool is_lock_path(std::string_view path);
// Something directly in priv/lock, spelled that way.
bool is_in_lock_directory(std::string_view path);

// `priv` and what is below, nodes/X/priv and what is below.
bool is_private_path(std::string_view path);

}  // namespace cfs
