#pragma once
// What a side-by-side run says: a table, JSON, and data with a gnuplot script for the picture.

#include <filesystem>
#include <string>
#include <vector>

#include "bench/side_by_side/measure.hpp"

namespace bench {

struct Comparison {
    std::string transport;
    std::string peer;                  // what it is compared with, and with which protection
    std::vector<Series> ours, theirs;  // same sizes in the same order
};

std::string table(const Comparison& comparison);
// Writes DIR/TRANSPORT.json, and DIR/TRANSPORT.png where gnuplot is installed; returns what was written.
std::vector<std::filesystem::path> write(const Comparison& comparison, const std::filesystem::path& directory);

}  // namespace bench
