#pragma once
// Reads a journal: the older part, named like the file with ".1" behind it, then the file.

#include <string>
#include <vector>

#include "engine/why/record.hpp"

namespace engine::why {

inline constexpr char kJournalName[] = "changes.jsonl";
std::string older_part(const std::string& path);

struct Damage {
    std::string file;
    std::size_t line = 0;  // from 1
    bool cut = false;      // the last line, without its end: of a crash, or being written
};

struct Contents {
    bool found = false;  // at least one of the two files
    std::string error;   // why one that is there could not be read
    std::vector<Record> records;
    std::vector<Damage> damaged;
};

Contents read_journal(const std::string& path);

}  // namespace engine::why
