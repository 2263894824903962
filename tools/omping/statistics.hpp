#pragma once
// Numbers about answers: running moments, duplicates, loss, histograms. Spec omping.md section 11.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace tools::omping {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// Least, greatest, mean and deviation of a stream (Welford's method).
class Moments {
public:
    void add(nanoseconds value);

    std::uint64_t count() const { return count_; }
    nanoseconds least() const { return least_; }
    nanoseconds greatest() const { return greatest_; }
    double mean() const { return mean_; }  // ns
    double deviation() const;              // ns, whole; 0 for less than two values

private:
    std::uint64_t count_ = 0;
    nanoseconds least_{}, greatest_{};
    double mean_ = 0, squares_ = 0;
};

// Remembers the latest sequence numbers; without slots it finds no duplicate.
class DuplicateRing {
public:
    static std::size_t slots_for(milliseconds interval);

    explicit DuplicateRing(std::size_t slots) : slots_(slots) {}
    bool seen(std::uint32_t sequence);  // true the second time

private:
    std::vector<std::uint32_t> slots_;
};

struct CastStatistics {
    std::uint64_t received = 0, duplicates = 0;
    Moments rtt;
};

// Whole percent, cut off; 0 if more was received than sent.
unsigned loss_percent(std::uint64_t sent, std::uint64_t received);

// Logarithmic buckets from 1 us to 10 s, each 5 % wide.
class Histogram {
public:
    static constexpr double kStep = 1.05;

    struct Bucket {
        double upper_us;
        std::uint64_t count;
    };

    void add(double us);
    std::uint64_t count() const { return total_; }
    std::vector<Bucket> buckets() const;  // from the first that has values to the last
    // The value that this share (0..1) does not exceed, as the upper bound of its bucket.
    double percentile(double share) const;

private:
    std::vector<std::uint64_t> counts_;
    std::uint64_t total_ = 0;
};

}  // namespace tools::omping
