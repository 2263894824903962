#pragma once
// Which sizes of datagrams pass: searching the greatest that passes in one piece, and a ladder of sizes that may be
// fragmented. Values; the runner sends. Spec omping.md section 14.3.

#include <optional>
#include <vector>

namespace tools::omping::qualify {

// Finds the greatest UDP payload between two sizes; the greatest is tried first, as it mostly passes.
class SizeSearch {
public:
    // `least` is taken as passing once `result(true)` said so of anything.
    SizeSearch(unsigned least, unsigned greatest) : low_(least - 1), high_(greatest), try_(greatest) {}

    std::optional<unsigned> next() const { return low_ < high_ ? std::optional(try_) : std::nullopt; }
    void result(bool passed);
    std::optional<unsigned> found() const { return passed_; }

private:
    unsigned low_, high_;  // low_ passes or is below all, above high_ nothing does
    unsigned try_;
    std::optional<unsigned> passed_;
};

struct MtuStep {
    unsigned payload = 0;  // of UDP, bytes
    bool unicast = false, group = false;
};

struct MtuResult {
    bool tested = false;
    std::optional<unsigned> path_mtu;  // of IP, to the host
    std::vector<MtuStep> ladder;
};

// Sizes to try, in ascending order; those of the engine are among them.
std::vector<unsigned> ladder_sizes(unsigned netmtu, bool ipv6);
// What IP and UDP put before a payload.
unsigned header_size(bool ipv6);

}  // namespace tools::omping::qualify
