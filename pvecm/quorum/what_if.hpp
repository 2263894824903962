#pragma once
// What would be left of the cluster's quorum if nodes went.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pvecm/quorum/simulation.hpp"

namespace pvecm::quorum {

// The cluster as it is.
struct Present {
    NodeIds up = {};
    bool quorate = true;  // they have been
    bool device = false;  // it is there, and votes
    // As they were set while it runs; what is not here is as configured.
    std::optional<std::uint32_t> expected = {};
    std::map<vote::NodeId, std::uint32_t> votes = {};
};

// As configured: all nodes are up, and the device is there.
Present all_present(const Model& model);

struct Loss {
    NodeIds nodes = {};
    bool device = false;
};

struct Answer {
    Count now;
    Count then;                            // right after the loss of all at once
    std::optional<Count> later = {};       // once last_man_standing has counted anew, if that changes anything
    std::optional<Count> one_by_one = {};  // a window of last_man_standing apart, if that changes anything
    NodeIds left;
    std::optional<std::uint32_t> remedy = {};  // expected votes that would make the rest quorate, if it is not

    const Count& end() const { return later ? *later : then; }
};

// Throws Error if the nodes would not start with that configuration.
Answer ask(const Model& model, const Present& present, const Loss& loss);

}  // namespace pvecm::quorum
