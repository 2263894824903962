#pragma once
// Who sends a little and often: a program that waits for each of its messages, not one that sends what it can. A
// message of the former waits for a rotation, which takes as long as what the latter put into it.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "totem/wire/types.hpp"

namespace totem::srp {

class InteractiveSenders {
public:
    // Of every message in the order of delivery, in which those of one visit of the token come in a row: the
    // originator, 0 if we are it.
    void delivered(NodeId originator) {
        if (originator == run_of_) {
            ++run_;
            return;
        }
        if (run_of_ != 0) end_run();
        run_of_ = originator;
        run_ = 1;
    }

    // A visit of the token has passed.
    void visited() {
        if (visits_left_ > 0) --visits_left_;
    }

    // One of them has sent something lately.
    bool present() const { return visits_left_ > 0; }

    static constexpr std::uint32_t kFew = 2;  // messages of a visit

private:
    static constexpr std::uint8_t kOften = 8;    // visits in a row with few
    static constexpr std::uint8_t kVisits = 16;  // for which the last of them is remembered

    struct Member {
        NodeId id;
        std::uint8_t visits_with_few = 0;  // in a row
    };

    void end_run() {
        auto member =
            std::find_if(members_.begin(), members_.end(), [this](const Member& known) { return known.id == run_of_; });
        if (member == members_.end()) member = members_.insert(member, Member{run_of_});
        member->visits_with_few =
            run_ <= kFew ? static_cast<std::uint8_t>(std::min(member->visits_with_few + 1, int{kOften})) : 0;
        if (member->visits_with_few == kOften) visits_left_ = kVisits;
    }

    NodeId run_of_ = 0;
    std::uint32_t run_ = 0;
    std::uint8_t visits_left_ = 0;
    std::vector<Member> members_;
};

}  // namespace totem::srp
