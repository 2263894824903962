#pragma once
// What must hold in every run of the store's simulator.

#include <map>
#include <set>
#include <string>

#include "tests/sim/types.hpp"
#include "tests/sim/verdict.hpp"
#include "tests/sim_cfs/node.hpp"

namespace totem::sim::store {

class Oracles {
public:
    Oracles(bool gentle, Verdict& verdict) : gentle_(gentle), verdict_(verdict) {}

    // A node's tree changed by an event of a time when its part of the cluster had quorum, or had not.
    void changed(const Node& node, const cfs::Change& change, const cfs::Entry& before, bool quorate);
    void said(const Node& node, std::string_view text);
    // A new directory, whose name nobody else uses and nobody removes, was acknowledged.
    void acknowledged(const Node& node, const std::string& name);
    void lock_taken(const Node& node, Time now);
    void lock_left(const Node& node);
    void crashed(const Node& node);

    // At the end: everything is mended and was given time.
    void settled(const std::vector<Node*>& nodes);

    // Told after the time that PVE's tools give the code under a lock.
    static constexpr Time kLongestHold = 60 * kSecond;

private:
    void fail(const char* rule, const Node& node, std::string text);
    void expect_equal(const Node& first, const Node& node);
    void expect_nothing_waits(const Node& node);

    const bool gentle_;
    Verdict& verdict_;
    std::set<std::string> acknowledged_;
    const Node* holder_ = nullptr;
    Time held_since_ = 0;
};

}  // namespace totem::sim::store
