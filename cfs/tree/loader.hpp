#pragma once
// From the rows of a database to a tree, with the checks and texts of pmxcfs.md 3.3.

#include <cstdint>
#include <optional>
#include <string>

#include "cfs/tree/tree.hpp"

namespace cfs {

inline constexpr std::string_view kVersionRowName = "__version__";
inline constexpr std::uint8_t kVersionRowTypeLocal = 8;
inline constexpr std::uint8_t kVersionRowTypeSync = 4;

// As SQLite gives it; integers are as wide as they come.
struct RawRow {
    std::uint64_t inode = 0;
    std::uint64_t parent = 0;
    std::uint64_t version = 0;
    std::uint64_t writer = 0;  // masked to 32 bits
    std::uint64_t mtime = 0;   // masked to 32 bits
    std::uint64_t type = 0;    // masked to 8 bits
    std::string name;
    Content content;
};

// The entry of one row, the root's for inode 0.
Or<Entry> entry_of(RawRow row);

struct Loaded {
    Tree tree;
    Change first;  // row 0 of a database that was empty; else empty
};

class Loader {
public:
    explicit Loader(const Settings& settings) : settings_(settings) {}

    std::optional<Failure> add(RawRow row);  // in any order; after a failure only the destructor
    // `local_time`: the age of locks, and the mtime in row 0 of an empty database.
    Or<Loaded> finish(std::uint64_t local_time);

private:
    Settings settings_;
    Assembly assembly_;
    std::uint64_t version_ = 0;
    bool empty_ = true;
    bool has_root_ = false;
};

}  // namespace cfs
