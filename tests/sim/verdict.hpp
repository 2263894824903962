#pragma once
// The first broken rule of a run. Later ones are usually its consequences and are not kept.

#include <optional>
#include <string>
#include <vector>

#include "totem/wire/types.hpp"

namespace totem::sim {

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
