#pragma once
// The files whose changes clients follow through .version (pmxcfs.md 11.1), with a counter each.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "cfs/tree/limits.hpp"

namespace cfs {

class TrackedFiles {
public:
    struct File {
        std::string_view path;  // static storage
        std::uint64_t changes = 0;
    };

    explicit TrackedFiles(Era era);

    std::span<const File> all() const { return files_; }  // in the order of .version
    void count(std::string_view path);                    // if it is one of them
    void count_all();

private:
    std::vector<File> files_;
};

}  // namespace cfs
