#pragma once
// What a run says: tables, and a picture.

#include <filesystem>
#include <optional>
#include <string>

#include "bench/store/measure.hpp"

namespace bench {

// Ratios to the last store of each place: the real peer, where there is one.
std::string tables(const Results& results);

// Writes BASE.gnuplot, which has all it needs, and with gnuplot BASE.png; the picture's name, if there is one.
std::optional<std::filesystem::path> draw(const Results& results, const std::filesystem::path& base);

}  // namespace bench
