#include "tools/omping/qualify/svg.hpp"

#include <fmt/format.h>

namespace tools::omping::qualify {
namespace {

std::string places(const std::vector<Svg::Point>& points) {
    std::string text;
    for (const auto& point : points)
        text += fmt::format("{:.1f},{:.1f} ", point.x, point.y);
    return text;
}

}  // namespace

std::string escape_html(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

void Svg::line(double x1, double y1, double x2, double y2, std::string_view style) {
    body_ +=
        fmt::format(R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" class="{}"/>)", x1, y1, x2, y2, style);
}

void Svg::rect(double x, double y, double width, double height, std::string_view style, std::string_view tip) {
    body_ += fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}">)", x, y, width,
                         height, style);
    if (!tip.empty()) body_ += fmt::format("<title>{}</title>", escape_html(tip));
    body_ += "</rect>";
}

void Svg::text(double x, double y, std::string_view text, std::string_view style) {
    body_ += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" class="{}">{}</text>)", x, y, style, escape_html(text));
}

void Svg::polyline(const std::vector<Point>& points, std::string_view style) {
    body_ += fmt::format(R"(<polyline points="{}" class="{}"/>)", places(points), style);
}

void Svg::polygon(const std::vector<Point>& points, std::string_view style) {
    body_ += fmt::format(R"(<polygon points="{}" class="{}"/>)", places(points), style);
}

std::string Svg::take() const {
    return fmt::format(R"(<svg viewBox="0 0 {0:.0f} {1:.0f}" role="img" aria-label="{2}">{3}</svg>)", width_, height_,
                       escape_html(label_), body_);
}

}  // namespace tools::omping::qualify
