#pragma once
// Bars in groups, as inline SVG.

#include <string>
#include <utility>
#include <vector>

namespace bench {

std::string escaped(const std::string& text);  // for HTML

struct Bar {
    double value = 0, low = 0, high = 0;
    std::string label;  // shown under the pointer
};

class Chart {
public:
    explicit Chart(std::string title) : title_(std::move(title)) {}

    void add(const std::string& group, const std::string& series, Bar bar);
    std::string svg() const;  // a <figure>, with a line at 1; "" without bars

private:
    std::string title_;
    std::vector<std::string> series_;  // in the order of the legend
    std::vector<std::pair<std::string, std::vector<std::pair<std::size_t, Bar>>>> groups_;
};

}  // namespace bench
