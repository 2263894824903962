#include "bench/side_by_side/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace bench {
namespace {

constexpr double kWidth = 560, kHeight = 240, kLeft = 36, kTop = 8, kBottom = 20, kLegendLine = 15;
constexpr double kPlotWidth = kWidth - kLeft;

// Ours in greens, mixed rings in violet, real ones in warm colours and blue.
std::string color(const std::string& series, std::size_t number) {
    static const std::vector<std::string> kOurs = {"#1f7a55", "#5fb48a", "#a5d6bb"};
    static const std::vector<std::string> kMixed = {"#7b5ea7", "#b49fd1"};
    static const std::vector<std::string> kReal = {"#c8553d", "#e08e45", "#d9b44a", "#3b6ea5", "#8fb3d9"};
    const auto& colors = series.starts_with("totemd") ? kOurs : series.starts_with("mixed") ? kMixed : kReal;
    return colors[number % colors.size()];
}

double round_up(double value) {
    const double step = std::pow(10, std::floor(std::log10(value)));
    return std::ceil(value / step * 2) * step / 2;
}

}  // namespace

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '<')
            out += "&lt;";
        else if (c == '&')
            out += "&amp;";
        else if (c == '"')
            out += "&quot;";
        else
            out += c;
    }
    return out;
}

void Chart::add(const std::string& group, const std::string& series, Bar bar) {
    auto known = std::find(series_.begin(), series_.end(), series);
    if (known == series_.end()) known = series_.insert(series_.end(), series);
    auto place = std::find_if(groups_.begin(), groups_.end(), [&](const auto& one) { return one.first == group; });
    if (place == groups_.end()) place = groups_.insert(groups_.end(), {group, {}});
    place->second.emplace_back(static_cast<std::size_t>(known - series_.begin()), std::move(bar));
}

std::string Chart::svg() const {
    if (groups_.empty()) return "";
    double top = 1;
    for (const auto& [name, bars] : groups_) {
        for (const auto& [series, bar] : bars)
            top = std::max({top, bar.value, std::min(bar.high, bar.value * 1.5)});
    }
    top = round_up(top);
    const double plot_height = kHeight - kTop - kBottom;
    const auto y = [&](double value) { return kTop + plot_height * (1 - std::min(value, top) / top); };
    const double height = kHeight + kLegendLine * static_cast<double>((series_.size() + 1) / 2);
    std::string out = fmt::format(
        "<figure><figcaption>{}</figcaption><svg width=\"{}\" height=\"{}\" font-size=\"11\" "
        "font-family=\"sans-serif\">"
        "\n",
        escaped(title_), kWidth, height);
    constexpr int kLines = 4;
    for (int i = 0; i <= kLines; ++i) {
        const double value = top * i / kLines;
        out += fmt::format(
            "<line x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" stroke=\"#ddd\"/>"
            "<text x=\"{3}\" y=\"{4:.1f}\" text-anchor=\"end\">{5:.3g}</text>\n",
            kLeft, kWidth, y(value), kLeft - 4, y(value) + 4, value);
    }
    std::vector<std::string> colors;
    std::size_t ours = 0, mixed = 0, real = 0;
    for (const auto& name : series_)
        colors.push_back(color(name, name.starts_with("totemd")  ? ours++
                                     : name.starts_with("mixed") ? mixed++
                                                                 : real++));
    const double group_width = kPlotWidth / static_cast<double>(groups_.size());
    const double bar_width = group_width * 0.86 / static_cast<double>(series_.size());
    for (std::size_t g = 0; g < groups_.size(); ++g) {
        const auto& [name, bars] = groups_[g];
        const double left = kLeft + group_width * (static_cast<double>(g) + 0.07);
        for (const auto& [series, bar] : bars) {
            const double x = left + bar_width * static_cast<double>(series), middle = x + bar_width / 2;
            out += fmt::format(
                "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\">"
                "<title>{} ({:.2f})</title></rect>\n",
                x, y(bar.value), bar_width * 0.92, y(0) - y(bar.value), colors[series], escaped(bar.label), bar.value);
            out += fmt::format("<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1:.1f}\" y2=\"{2:.1f}\" stroke=\"#333\"/>\n",
                               middle, y(bar.low), y(bar.high));
        }
        out += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", left + group_width * 0.43,
                           kHeight - 6, escaped(name));
    }
    out += fmt::format(
        "<line x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" stroke=\"#a33\" "
        "stroke-dasharray=\"4 3\"/>\n",
        kLeft, kWidth, y(1));
    for (std::size_t i = 0; i < series_.size(); ++i) {
        const double x = kLeft + (i % 2 == 0 ? 0 : kPlotWidth / 2);
        const double line = kHeight + kLegendLine * static_cast<double>(i / 2);
        out += fmt::format(
            "<rect x=\"{}\" y=\"{}\" width=\"10\" height=\"10\" fill=\"{}\"/>"
            "<text x=\"{}\" y=\"{}\">{}</text>\n",
            x, line, colors[i], x + 15, line + 9, escaped(series_[i]));
    }
    return out + "</svg></figure>\n";
}

}  // namespace bench
