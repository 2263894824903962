#pragma once
// Inside the texts: lists and durations in words.

#include <fmt/format.h>

#include <string>

#include "engine/why/text.hpp"

namespace engine::why {

// "node 1", "node 1 and node 2", "node 1, node 2 and node 3"; long lists are cut.
std::string list(const NodeIds& nodes, const Names& names);
// "3500 ms", "35 s", "2 min 5 s".
std::string duration(std::uint64_t milliseconds);
// Names and reasons come from elsewhere: without line ends and other control characters.
std::string one_line(std::string text);
std::string capital(std::string text);
// "1 datagram", "2 datagrams".
std::string counted(std::uint64_t count, const char* what);

}  // namespace engine::why
