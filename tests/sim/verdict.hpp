#pragma once
// The first broken rule of a run. Later ones are usually its consequences and are not kept.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "totem/wire/types.hpp"

namespace totem::sim {

// Not converged within the engineering bound of I20. Told apart because forming a ring is a race of timers: after
// enough chaos a run can need another round or two.
inline constexpr const char* kLate = "I20-bound";

struct Violation {
    std::string rule;  // "I7", "cpg ghost", ...
    std::vector<NodeId> nodes;
    std::string text;
};

class Verdict {
public:
    void fail(std::string rule, std::vector<NodeId> nodes, std::string text) {
        if (!first_) first_ = Violation{std::move(rule), std::move(nodes), std::move(text)};
    }
    bool failed() const { return first_.has_value(); }
    const std::optional<Violation>& violation() const { return first_; }

private:
    std::optional<Violation> first_;
};

}  // namespace totem::sim
