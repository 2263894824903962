#include "tools/omping/statistics.hpp"

#include <algorithm>
#include <cmath>

namespace tools::omping {

void Moments::add(nanoseconds value) {
    least_ = count_ == 0 ? value : std::min(least_, value);
    greatest_ = count_ == 0 ? value : std::max(greatest_, value);
    ++count_;
    const auto x = static_cast<double>(value.count());
    const double step = x - mean_;
    mean_ += step / static_cast<double>(count_);
    squares_ += step * (x - mean_);
}

double Moments::deviation() const {
    return count_ < 2 ? 0 : std::trunc(std::sqrt(squares_ / static_cast<double>(count_ - 1)));
}

std::size_t DuplicateRing::slots_for(milliseconds interval) {
    if (interval.count() == 0) return 0;
    return std::max<std::size_t>(1024, static_cast<std::size_t>(120000 / interval.count() + 1));
}

bool DuplicateRing::seen(std::uint32_t sequence) {
    if (slots_.empty()) return false;
    std::uint32_t& slot = slots_[sequence % slots_.size()];
    if (slot == sequence) return true;
    slot = sequence;
    return false;
}

unsigned loss_percent(std::uint64_t sent, std::uint64_t received) {
    return received >= sent ? 0 : static_cast<unsigned>((sent - received) * 100 / sent);
}

namespace {

constexpr double kLongestUs = 1e7;

double upper_of(std::size_t bucket) {
    return std::pow(Histogram::kStep, static_cast<double>(bucket));
}

// The lowest bucket that a value fits under.
std::size_t bucket_of(double us) {
    if (us <= 1) return 0;
    const double exact = std::log(std::min(us, kLongestUs)) / std::log(Histogram::kStep);
    return static_cast<std::size_t>(std::ceil(exact - 1e-9));
}

}  // namespace

void Histogram::add(double us) {
    const std::size_t bucket = bucket_of(us);
    if (bucket >= counts_.size()) counts_.resize(bucket + 1);
    ++counts_[bucket];
    ++total_;
}

std::vector<Histogram::Bucket> Histogram::buckets() const {
    std::vector<Bucket> out;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        if (counts_[i] != 0 || !out.empty()) out.push_back({upper_of(i), counts_[i]});
    }
    return out;
}

double Histogram::percentile(double share) const {
    const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total_) - 1e-9));
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        below += counts_[i];
        if (below >= rank && below != 0) return upper_of(i);
    }
    return 0;
}

}  // namespace tools::omping
