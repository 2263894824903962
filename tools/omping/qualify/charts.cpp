#include "tools/omping/qualify/charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "tools/omping/qualify/svg.hpp"

namespace tools::omping::qualify {
namespace {

constexpr double kWidth = 560, kLeft = 62, kRight = 26;
constexpr double kLimitUs = 2000;

std::string time_text(double us) {
    if (us < 1000) return fmt::format("{:.3g} \u00b5s", us);
    if (us < 1e6) return fmt::format("{:.3g} ms", us / 1000);
    return fmt::format("{:.3g} s", us / 1e6);
}

// Powers of ten that hold all round trips of a test, and the 2 ms line.
std::pair<double, double> time_range(const TestResult& test) {
    double least = kLimitUs, greatest = kLimitUs;
    for (const CastSummary* cast : {&test.unicast, &test.group}) {
        if (cast->received == 0) continue;
        least = std::min(least, std::max(1.0, cast->min_us));
        greatest = std::max(greatest, cast->max_us);
    }
    return {std::pow(10, std::floor(std::log10(least))), std::pow(10, std::ceil(std::log10(greatest * 1.05)))};
}

struct Series {
    const CastSummary& summary;
    const std::vector<float>& samples;
    const char* style;
    const char* name;
};

std::array<Series, 2> series_of(const TestResult& test) {
    return {Series{test.unicast, test.unicast_us, "unicast", "unicast"},
            Series{test.group, test.group_us, "group", "group"}};
}

void legend(Svg& svg, double y) {
    double x = kLeft;
    for (const auto& [style, text] : {std::pair("unicast", "unicast"), std::pair("group", "group")}) {
        svg.rect(x, y - 9, 10, 10, fmt::format("{} swatch", style));
        svg.text(x + 15, y, text, "label");
        x += 84;
    }
}

// --- histogram

void percentile_marks(Svg& svg, const Scale& x, const CastSummary& cast, const char* style, double top, double bottom,
                      double text_y) {
    const std::array<std::pair<const char*, double>, 3> marks = {
        {{"p50", cast.p50_us}, {"p99", cast.p99_us}, {"p99.9", cast.p999_us}}};
    double before = -100;
    for (const auto& [name, value] : marks) {
        const double at = x(std::max(1.0, value));
        svg.line(at, top, at, bottom, fmt::format("{} mark", style));
        if (at - before < 34) continue;  // no room for its name
        svg.text(at, text_y, name, fmt::format("{} small middle", style));
        before = at;
    }
}

}  // namespace

std::string histogram_chart(const TestResult& test) {
    constexpr double kTop = 46, kBottom = 190;
    Svg svg(kWidth, 230, fmt::format("Histogram of round trips, {} test", test.name));
    const auto [least, greatest] = time_range(test);
    const Scale x(least, greatest, kLeft, kWidth - kRight, true);
    std::uint64_t most = 1;
    for (const auto& series : series_of(test)) {
        for (const auto& bucket : series.summary.histogram.buckets())
            most = std::max(most, bucket.count);
    }
    const Scale y(0, static_cast<double>(most), kBottom, kTop, false);
    for (double us = least; us <= greatest * 1.01; us *= 10) {
        svg.line(x(us), kTop, x(us), kBottom, "grid");
        svg.text(x(us), kBottom + 16, time_text(us), "label middle");
    }
    svg.line(kLeft, kBottom, kWidth - kRight, kBottom, "axis");
    svg.text(kLeft - 6, kTop + 4, fmt::format("{}", most), "label end");
    svg.text(kLeft - 6, kBottom, "0", "label end");
    for (const auto& series : series_of(test)) {
        std::vector<Svg::Point> outline;
        for (const auto& bucket : series.summary.histogram.buckets()) {
            const double from = x(std::max(least, bucket.upper_us / Histogram::kStep)), to = x(bucket.upper_us);
            const double height = y(static_cast<double>(bucket.count));
            if (outline.empty()) outline.push_back({from, kBottom});
            outline.push_back({from, height});
            outline.push_back({to, height});
        }
        if (outline.empty()) continue;
        outline.push_back({outline.back().x, kBottom});
        svg.polygon(outline, fmt::format("{} area", series.style));
    }
    percentile_marks(svg, x, test.unicast, "unicast", kTop, kBottom, kTop - 18);
    percentile_marks(svg, x, test.group, "group", kTop, kBottom, kTop - 5);
    svg.line(x(kLimitUs), kTop, x(kLimitUs), kBottom, "limit");
    svg.text(x(kLimitUs) + 4, kTop + 12, "2 ms", "limit-text");
    legend(svg, 224);
    svg.text(kWidth - kRight, 224, "round trip, answers per bucket of 5 %", "label end");
    return svg.take();
}

// --- time

namespace {

// As many parts as can be told apart.
constexpr std::size_t kParts = 256;

struct Part {
    double greatest = 0;
    bool lost = false;
};

std::vector<Part> parts_of(const std::vector<float>& samples, std::size_t count) {
    std::vector<Part> parts(count);
    for (std::size_t i = 0; i < samples.size(); ++i) {
        Part& part = parts[i * count / samples.size()];
        part.greatest = std::max(part.greatest, static_cast<double>(samples[i]));
        part.lost |= samples[i] == kMissing;
    }
    return parts;
}

void time_axis(Svg& svg, const Scale& x, double from, double to, double top, double bottom) {
    const double step = std::pow(10, std::floor(std::log10((to - from) / 2.5)));
    const double wide = (to - from) / step > 12 ? step * 5 : step;
    for (double at = std::ceil(from / wide) * wide; at <= to; at += wide) {
        svg.line(x(at), top, x(at), bottom, "grid");
        svg.text(x(at), bottom + 15, fmt::format("{:g} s", at), "label middle");
    }
    if (from <= kMembershipSeconds && to >= kMembershipSeconds) {
        svg.line(x(kMembershipSeconds), top - 8, x(kMembershipSeconds), bottom, "limit");
        svg.text(x(kMembershipSeconds), top - 11, "260 s: members are forgotten without a querier",
                 "limit-text middle");
    }
}

}  // namespace

std::string timeline_chart(const TestResult& test) {
    constexpr double kTop = 24, kBottom = 158, kLane = 12;
    Svg svg(kWidth, 232, fmt::format("Round trips and losses over time, {} test", test.name));
    const double from = test.started_s;
    const double to = from + std::max(0.001, static_cast<double>(test.unicast_us.size()) * test.interval_ms / 1000);
    const Scale x(from, to, kLeft, kWidth - kRight, false);
    const auto [least, greatest] = time_range(test);
    const Scale y(least, greatest, kBottom, kTop, true);
    const double lanes = kBottom + 8;
    time_axis(svg, x, from, to, kTop, lanes + 2 * kLane + 6);
    for (double us = least; us <= greatest * 1.01; us *= 10) {
        svg.line(kLeft, y(us), kWidth - kRight, y(us), "grid");
        svg.text(kLeft - 6, y(us) + 4, time_text(us), "label end");
    }
    svg.line(kLeft, y(kLimitUs), kWidth - kRight, y(kLimitUs), "limit");
    double lane = lanes;
    for (const auto& series : series_of(test)) {
        const std::size_t count = std::min(kParts, series.samples.size());
        if (count == 0) continue;
        const double width = (kWidth - kRight - kLeft) / static_cast<double>(count);
        std::vector<Svg::Point> line;
        svg.rect(kLeft, lane, kWidth - kRight - kLeft, kLane - 3, "lane");
        double at = kLeft;
        for (const Part& part : parts_of(series.samples, count)) {
            if (part.greatest > 0) {
                line.push_back({at + width / 2, y(part.greatest)});
            } else if (!line.empty()) {
                svg.polyline(std::exchange(line, {}), fmt::format("{} line", series.style));
            }
            if (part.lost) svg.rect(at, lane, std::max(1.5, width), kLane - 3, "lost");
            at += width;
        }
        if (!line.empty()) svg.polyline(line, fmt::format("{} line", series.style));
        lane += kLane;
    }
    svg.text(kLeft - 6, lanes + 8, "lost: uni", "label end");
    svg.text(kLeft - 6, lanes + 8 + kLane, "group", "label end");
    legend(svg, 226);
    svg.text(kWidth - kRight, 226, "longest round trip; seconds since the group was joined", "label end");
    return svg.take();
}

// --- sizes

std::string ladder_chart(const Results& results) {
    std::vector<const PeerResult*> tested;
    for (const PeerResult& peer : results.peers) {
        if (peer.mtu.tested && !peer.mtu.ladder.empty()) tested.push_back(&peer);
    }
    if (tested.empty()) return {};
    constexpr double kName = 150, kRow = 34, kCell = 54;
    const std::size_t steps = tested.front()->mtu.ladder.size();
    Svg svg(kName + 110 + kCell * static_cast<double>(steps), 40 + kRow * static_cast<double>(tested.size()),
            "Sizes of packets that pass");
    svg.text(kName + 50, 14, "path MTU", "label middle");
    for (std::size_t i = 0; i < steps; ++i) {
        svg.text(kName + 110 + kCell * (static_cast<double>(i) + 0.5), 14,
                 fmt::format("{} B", tested.front()->mtu.ladder[i].payload), "label middle");
    }
    double y = 26;
    for (const PeerResult* peer : tested) {
        svg.text(0, y + 17, peer->name, "text");
        svg.text(kName + 50, y + 17, peer->mtu.path_mtu ? fmt::format("{}", *peer->mtu.path_mtu) : "none",
                 "text middle");
        for (std::size_t i = 0; i < peer->mtu.ladder.size(); ++i) {
            const MtuStep& step = peer->mtu.ladder[i];
            const double x = kName + 110 + kCell * static_cast<double>(i);
            const auto tip = [&](const char* cast, bool passed) {
                return fmt::format("{} bytes {} {}", step.payload, cast, passed ? "arrive" : "are lost");
            };
            svg.rect(x + 3, y, kCell - 6, 12, step.unicast ? "good" : "bad", tip("unicast", step.unicast));
            svg.rect(x + 3, y + 14, kCell - 6, 12, step.group ? "good" : "bad", tip("to the group", step.group));
        }
        y += kRow;
    }
    svg.text(0, y + 8, "upper half unicast, lower half group; payload of UDP, fragmented where it must be", "label");
    return svg.take();
}

// --- the querier

std::string querier_chart(const IgmpResult& igmp) {
    if (!igmp.listened) return {};
    constexpr double kName = 150, kRow = 26;
    const std::size_t rows = std::max<std::size_t>(1, igmp.queriers.size());
    const double bottom = 20 + kRow * static_cast<double>(rows);
    Svg svg(kWidth, bottom + 24, "Membership queries heard");
    const double to = std::max(1.0, igmp.listened_s);
    const Scale x(0, to, kName, kWidth - kRight, false);
    time_axis(svg, x, 0, to, 16, bottom);
    double y = 16;
    if (igmp.queriers.empty()) {
        svg.rect(kName, y + 4, kWidth - kRight - kName, 12, "lane");
        svg.text(0, y + 14, "no query heard", "text");
    }
    for (const Querier& querier : igmp.queriers) {
        svg.rect(kName, y + 4, kWidth - kRight - kName, 12, "lane");
        svg.text(0, y + 14, querier.address.to_string(), "text");
        for (const double at : querier.general_s)
            svg.rect(x(at) - 1.5, y + 1, 3, 18, "good", fmt::format("general query at {:.0f} s", at));
        if (querier.specific > 0)
            svg.rect(x(querier.first_s) - 1.5, y + 4, 3, 12, "unicast swatch", "answer to a leave");
        y += kRow;
    }
    return svg.take();
}

// --- the token

std::string token_chart(const TokenEstimate& token) {
    if (!token.known) return {};
    Svg svg(kWidth, 96, "Token rotation against its timeout");
    const double timeout_us = token.timeout_ms * 1000;
    const double least = std::pow(10, std::floor(std::log10(std::max(1.0, token.rotation_us))));
    const double greatest = std::pow(10, std::ceil(std::log10(timeout_us * 1.01)));
    const Scale x(least / 10, greatest, 12, kWidth - kRight, true);
    for (double us = least / 10; us <= greatest * 1.01; us *= 10) {
        svg.line(x(us), 24, x(us), 62, "grid");
        svg.text(x(us), 78, time_text(us), "label middle");
    }
    svg.rect(12, 30, x(token.rotation_p99_us) - 12, 26, "group area", "rotation, 99 of 100");
    svg.rect(12, 34, x(token.rotation_us) - 12, 18, "unicast swatch", "rotation, half of all");
    svg.line(x(timeout_us), 18, x(timeout_us), 64, "limit");
    svg.text(x(timeout_us) - 4, 15, fmt::format("timeout {}", time_text(timeout_us)), "limit-text end");
    svg.text(12, 15,
             fmt::format("rotation {}, p99 {}: headroom {:.0f}", time_text(token.rotation_us),
                         time_text(token.rotation_p99_us), token.headroom),
             "text");
    return svg.take();
}

}  // namespace tools::omping::qualify
