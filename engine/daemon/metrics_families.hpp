#pragma once
// Which metric stands for which statistic: names, types, help texts and units of what the page shows.
//
// A family takes its samples from statistics by their keys, those of the statistics map where it has them; with more
// than one key a label tells them apart.

#include <span>
#include <string_view>
#include <vector>

#include "engine/daemon/stats_map.hpp"
#include "engine/metrics/exposition.hpp"

namespace engine {

struct MetricSeries {
    std::string_view key;
    std::string_view label = {};  // its value
};

struct MetricFamily {
    std::string_view name;
    metrics::Type type;
    std::string_view help;
    std::vector<MetricSeries> series;
    std::string_view label = {};  // its name, if the series are told apart by one
    double scale = 1;             // to the unit of the name
};

std::span<const MetricFamily> ring_families();
std::span<const MetricFamily> group_families();
std::span<const MetricFamily> net_families();
std::span<const MetricFamily> service_families();     // of clients, summed up by service
std::span<const MetricFamily> connection_families();  // of each client

// The statistics of one subject, and the labels that name it.
struct MetricSubject {
    StatsMap::Values values;
    std::vector<std::pair<std::string_view, std::string>> labels = {};
};
void write_families(metrics::Exposition& page, std::span<const MetricFamily> families,
                    std::span<const MetricSubject> subjects);

}  // namespace engine
