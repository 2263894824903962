#include "engine/metrics/exposition.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <iterator>

namespace engine::metrics {
namespace {

std::string_view type_name(Type type) {
    switch (type) {
        case Type::counter:
            return "counter";
        case Type::gauge:
            return "gauge";
        case Type::histogram:
            break;
    }
    return "histogram";
}

// Bytes of the well-formed UTF-8 character at the front of `text`, 0 if there is none.
std::size_t character_length(std::string_view text) {
    const auto byte = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) return 0;
    }
    // Overlong forms, surrogates, beyond the last character.
    const std::uint8_t second = byte(1);
    const bool bad = (first == 0xE0 && second < 0xA0) || (first == 0xED && second >= 0xA0) ||
                     (first == 0xF0 && second < 0x90) || (first == 0xF4 && second >= 0x90);
    return bad ? 0 : length;
}

void append_escaped_help(std::string& out, std::string_view help) {
    for (const char c : help) {
        if (c == '\\') {
            out += "\\\\";
        } else if (c == '\n') {
            out += "\\n";
        } else {
            out += c;
        }
    }
}

}  // namespace

std::string escaped(std::string_view value) {
    std::string out;
    out.reserve(value.size());
    while (!value.empty()) {
        const std::size_t length = character_length(value);
        if (length == 0) {
            out += "\xEF\xBF\xBD";
        } else if (value.front() == '\n') {
            out += "\\n";
        } else {
            if (value.front() == '\\' || value.front() == '"') out += '\\';
            out += value.substr(0, length);
        }
        value.remove_prefix(length == 0 ? 1 : length);
    }
    return out;
}

std::string number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    return fmt::format("{}", value);
}

Exposition& Exposition::family(std::string_view name, Type type, std::string_view help) {
    name_ = name;
    fmt::format_to(std::back_inserter(text_), "# HELP {} ", name);
    append_escaped_help(text_, help);
    fmt::format_to(std::back_inserter(text_), "\n# TYPE {} {}\n", name, type_name(type));
    return *this;
}

void Exposition::head(std::string_view suffix, Labels labels) {
    text_ += name_;
    text_ += suffix;
    char separator = '{';
    for (const Label& label : labels) {
        fmt::format_to(std::back_inserter(text_), "{}{}=\"{}\"", separator, label.name, escaped(label.value));
        separator = ',';
    }
    text_ += separator == '{' ? " " : "} ";
}

Exposition& Exposition::sample(double value, Labels labels) {
    head("", labels);
    text_ += number(value);
    text_ += '\n';
    return *this;
}

Exposition& Exposition::sample(std::uint64_t value, Labels labels) {
    head("", labels);
    fmt::format_to(std::back_inserter(text_), "{}\n", value);
    return *this;
}

Exposition& Exposition::histogram(std::span<const double> bounds, std::span<const std::uint64_t> counts, double sum) {
    std::uint64_t below = 0;
    const auto bucket = [&](std::string_view bound, std::uint64_t count) {
        below += count;
        head("_bucket", std::array{Label{"le", bound}});
        fmt::format_to(std::back_inserter(text_), "{}\n", below);
    };
    for (std::size_t i = 0; i < bounds.size(); ++i)
        bucket(number(bounds[i]), counts[i]);
    bucket("+Inf", counts[bounds.size()]);
    fmt::format_to(std::back_inserter(text_), "{0}_sum {1}\n{0}_count {2}\n", name_, number(sum), below);
    return *this;
}

}  // namespace engine::metrics
