#include "conformance/tests/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <sstream>

namespace conformance {
namespace {

constexpr std::string_view bucket_prefix = "totemd_ring_token_rotation_seconds_bucket{le=\"";

double number(const std::string& text) {
    if (text == "+Inf") return std::numeric_limits<double>::infinity();
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw lab::LabError(fmt::format("'{}' in the metrics is no number", text));
    }
    return value;
}

}  // namespace

std::string metrics_section(const std::string& listen) {
    return fmt::format("metrics {{\n    listen: {}\n}}\n", listen);
}

std::string fetch_metrics(const lab::Lab& laboratory, unsigned node, lab::Arguments options) {
    lab::Arguments command = {"curl", "--silent", "--show-error", "--max-time", "10", "--unix-socket", metrics_socket};
    if (options.empty()) options = {"--fail"};
    command.insert(command.end(), options.begin(), options.end());
    command.emplace_back("http://localhost/metrics");
    const auto result = laboratory.run(node, command);
    if (result.status != 0) {
        throw lab::LabError(fmt::format("curl on node {} ended with {}: {}", node, result.status, result.err));
    }
    return result.out;
}

Metrics::Metrics(const std::string& page) {
    std::istringstream lines(page);
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line.starts_with('#')) continue;
        const auto blank = line.rfind(' ');
        if (blank == std::string::npos) throw lab::LabError(fmt::format("'{}' is no sample of a metric", line));
        if (!samples_.emplace(line.substr(0, blank), number(line.substr(blank + 1))).second) {
            throw lab::LabError(fmt::format("'{}' comes twice", line));
        }
    }
}

double Metrics::operator[](const std::string& series) const {
    const auto found = samples_.find(series);
    if (found == samples_.end()) throw lab::LabError(fmt::format("there is no metric {}", series));
    return found->second;
}

double Metrics::sum(const std::string& family) const {
    double sum = 0;
    for (const auto& [series, value] : samples_) {
        if (series.substr(0, series.find('{')) == family) sum += value;
    }
    return sum;
}

Rotations::Rotations(const Metrics& before, const Metrics& after) {
    for (const auto& [series, count] : after.samples()) {
        if (!series.starts_with(bucket_prefix)) continue;
        const auto bound = series.substr(bucket_prefix.size(), series.size() - bucket_prefix.size() - 2);
        buckets_.emplace_back(number(bound), count - before[series]);
    }
    std::sort(buckets_.begin(), buckets_.end());
    if (buckets_.empty()) throw lab::LabError("there is no histogram of the token rotation");
    total_ = buckets_.back().second;
    sum_ = after["totemd_ring_token_rotation_seconds_sum"] - before["totemd_ring_token_rotation_seconds_sum"];
}

double Rotations::quantile(double share) const {
    const double rank = share * total_;
    double lower = 0, below = 0;
    for (const auto& [bound, count] : buckets_) {
        if (count >= rank && count > below) {
            return std::isinf(bound) ? lower : lower + (bound - lower) * (rank - below) / (count - below);
        }
        lower = bound;
        below = count;
    }
    return 0;
}

}  // namespace conformance
