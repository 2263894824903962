#pragma once
// Drawing: the few shapes that the charts need, as text. Colours come from the classes of the page's style.

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

namespace tools::omping::qualify {

std::string escape_html(std::string_view text);

class Svg {
public:
    Svg(double width, double height, std::string_view label) : width_(width), height_(height), label_(label) {}

    void line(double x1, double y1, double x2, double y2, std::string_view style);
    void rect(double x, double y, double width, double height, std::string_view style, std::string_view tip = {});
    void text(double x, double y, std::string_view text, std::string_view style);
    struct Point {
        double x, y;
    };
    void polyline(const std::vector<Point>& points, std::string_view style);
    void polygon(const std::vector<Point>& points, std::string_view style);

    double width() const { return width_; }
    std::string take() const;

private:
    double width_, height_;
    std::string label_, body_;
};

// From values to places; logarithmic where `log` says so.
class Scale {
public:
    Scale(double least, double greatest, double from, double to, bool log)
        : least_(log ? std::log10(least) : least),
          span_((log ? std::log10(greatest) : greatest) - least_),
          from_(from),
          to_(to),
          log_(log) {}

    double operator()(double value) const {
        const double share = ((log_ ? std::log10(value) : value) - least_) / span_;
        return from_ + (to_ - from_) * std::min(1.0, std::max(0.0, share));
    }

private:
    double least_, span_, from_, to_;
    bool log_;
};

}  // namespace tools::omping::qualify
