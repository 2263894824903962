#pragma once
// Bytes as the specification and the test sources write them.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "totem/base/bytes.hpp"

namespace totem::test {

// "70c00303 00 0100" to bytes; white space between digits is skipped. Throws std::invalid_argument
// on anything else.
std::vector<std::uint8_t> from_hex(std::string_view text);

std::string to_hex(Bytes bytes);

}  // namespace totem::test
