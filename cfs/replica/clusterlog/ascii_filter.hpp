#pragma once
// What may be in a log text (pmxcfs.md 14.4): printable ASCII, everything else spelled out.

#include <cstddef>
#include <string>
#include <string_view>

namespace cfs::replica {

enum class Quotes : bool { keep, escape };

// The result and its NUL fit into `capacity` bytes; it ends 7 bytes before that at the latest.
std::string ascii_filter(std::string_view text, std::size_t capacity, Quotes quotes);

}  // namespace cfs::replica
