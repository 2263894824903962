#pragma once
// Operations on few names, so that they meet: most succeed, and every errno comes up.

#include <cstdint>
#include <random>

#include "cfs/tree/operation.hpp"

namespace cfs::test {

class RandomOperations {
public:
    explicit RandomOperations(std::uint64_t seed) : random_(seed) {}

    Operation operation();
    Stamp stamp();  // time goes on
    std::uint64_t below(std::uint64_t end) { return random_() % end; }

private:
    std::string path();

    std::mt19937_64 random_;
    std::uint64_t time_ = 1500000000;
};

}  // namespace cfs::test
