#pragma once
// Scraping a node of the laboratory with curl, as Prometheus would, and reading the page.

#include <map>
#include <string>
#include <vector>

#include "conformance/lab/lab.hpp"

namespace conformance {

// Where the cases have metrics served, and the section that asks for it.
inline constexpr const char* metrics_socket = "/run/totemd/metrics.sock";
std::string metrics_section(const std::string& listen = metrics_socket);

// What curl got; LabError if it got nothing. `options` before the address, which is that of metrics_socket.
std::string fetch_metrics(const lab::Lab& laboratory, unsigned node, lab::Arguments options = {});

class Metrics {
public:
    explicit Metrics(const std::string& page);
    static Metrics of(const lab::Lab& laboratory, unsigned node) { return Metrics(fetch_metrics(laboratory, node)); }

    bool has(const std::string& series) const { return samples_.contains(series); }
    // As written, labels included: `totemd_ring_state{state="gather"}`. LabError if it is not there.
    double operator[](const std::string& series) const;
    double sum(const std::string& family) const;  // of all its samples

    const std::map<std::string, double>& samples() const { return samples_; }

private:
    std::map<std::string, double> samples_;
};

// Token rotations between two pages.
class Rotations {
public:
    Rotations(const Metrics& before, const Metrics& after);

    double count() const { return total_; }
    // Seconds, interpolated within the bucket as Prometheus' histogram_quantile does.
    double quantile(double share) const;
    double mean() const { return total_ == 0 ? 0 : sum_ / total_; }

private:
    std::vector<std::pair<double, double>> buckets_;  // upper bound, cumulative count
    double total_ = 0, sum_ = 0;
};

}  // namespace conformance
