#pragma once
// Turns a little-endian Totem packet into the one a big-endian host would have sent. Knows the
// layouts of totem-wire.md sections 3 and 4 on its own, so that it can check the codec.

#include <cstdint>
#include <vector>

#include "totem/base/bytes.hpp"
#include "totem/wire/types.hpp"

namespace totem::test {

// `packet` must be well-formed; throws std::out_of_range if it is shorter than its own counts say.
// What follows the last known field (payload, trailing bytes) stays as it is.
std::vector<std::uint8_t> big_endian_image(Dialect dialect, Bytes packet);

}  // namespace totem::test
