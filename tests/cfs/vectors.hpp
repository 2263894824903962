#pragma once
// The database of a real pmxcfs 5 (tests/data/cfs), as a file and as values.

#include <string>
#include <vector>

#include "cfs/tree/loader.hpp"

namespace cfs::test {

struct VectorRow {
    RawRow row;
    Digest index_digest{};
    Digest checksum{};  // with the inode
};

struct VectorDatabase {
    std::string file;  // the SQLite file
    std::vector<VectorRow> rows;
    std::vector<std::uint8_t> state;  // the payload of its STATE message
    Digest verify{};
};

// Throws when the files are not there or not what they should be.
const VectorDatabase& vector_database();

Tree vector_tree(const Settings& settings = {}, std::uint64_t local_time = 1000);

}  // namespace cfs::test
