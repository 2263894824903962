#pragma once
// Counts what the program takes from the heap with operator new. Link tests_allocation_count to the test that asks.
// Thread-safe.

#include <cstddef>

namespace test_support {

std::size_t allocations();
// For other ways to the heap.
void count_allocation();
// Takes something and gives it back; the compiler may drop a pair of new and delete, but not this.
void allocate_once();

}  // namespace test_support
