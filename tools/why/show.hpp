#pragma once
// Shows records of a journal. Exit codes: 0 shown; 1 wrong usage; 2 no journal, or it cannot be read; 3 shown, but
// lines were damaged and left out.

#include <string>
#include <vector>

#include "engine/why/reader.hpp"
#include "engine/why/text.hpp"
#include "tools/why/options.hpp"

namespace tools::why {

inline constexpr int kShown = 0, kUsage = 1, kUnreadable = 2, kDamaged = 3;

// Of these records, those that are asked for.
std::vector<engine::why::Record> select(std::vector<engine::why::Record> records, const Options& options);

std::string text_of(const std::vector<engine::why::Record>& records, const engine::why::Names& names);
// Each line a record with "text" added: its sentence and outcome.
std::string lines_of(const std::vector<engine::why::Record>& records, const engine::why::Names& names);

int show(const Options& options, const engine::why::Names& names);

}  // namespace tools::why
