#pragma once
// Builds a page in the text format of Prometheus, version 0.0.4: families of samples, each family with its HELP and
// TYPE in front.

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace engine::metrics {

inline constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

enum class Type : std::uint8_t { counter, gauge, histogram };

struct Label {
    std::string_view name, value;  // the value may be any bytes
};
using Labels = std::span<const Label>;

class Exposition {
public:
    // Begins a family; all its samples follow before the next one begins. Names are the caller's to get right, and no
    // family may come twice.
    Exposition& family(std::string_view name, Type type, std::string_view help);

    // Of the family begun last.
    Exposition& sample(double value, Labels labels = {});
    Exposition& sample(std::uint64_t value, Labels labels = {});
    template <typename Number>
    Exposition& sample(Number value, std::initializer_list<Label> labels) {
        return sample(value, Labels(labels.begin(), labels.size()));
    }
    // `bounds` are the inclusive upper ones, ascending; `counts` not cumulative, one more than bounds.
    Exposition& histogram(std::span<const double> bounds, std::span<const std::uint64_t> counts, double sum);

    std::string take() { return std::move(text_); }

private:
    void head(std::string_view suffix, Labels labels);

    std::string text_, name_;
};

// As label values are written: backslash, quote and line feed escaped, and what is no UTF-8 replaced by U+FFFD.
std::string escaped(std::string_view value);
// The shortest text that reads back as the same number; "+Inf", "-Inf", "NaN".
std::string number(double value);

}  // namespace engine::metrics
