#pragma once
// Evidence between two changes, in bounded room: equal items are counted, and when there is no room the middle goes, so
// that how trouble began and what came last are kept.

#include <cstdint>
#include <vector>

#include "engine/why/record.hpp"

namespace engine::why {

class EvidenceLog {
public:
    static constexpr std::size_t kCapacity = 48;
    static constexpr std::size_t kMostNames = 64;  // of one item

    // The same again is counted. Of own pauses that overlap the longest stays; who names a node as failed is collected.
    void add(Evidence evidence);
    // Forgets what was last seen before `at`: it has to do with nothing that comes now.
    void forget_before(std::int64_t at);
    void clear();

    std::vector<Evidence> items() const;  // in order of time
    std::uint64_t dropped() const { return dropped_; }

private:
    struct Entry {
        Evidence evidence;
        std::int64_t last;
    };
    static bool merged(Entry& entry, const Evidence& evidence);

    std::vector<Entry> entries_;
    std::uint64_t dropped_ = 0;
};

}  // namespace engine::why
