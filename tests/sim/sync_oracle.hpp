#pragma once
// Synchronisation of the services (totempg-sync-services.md section 9): it ends at one position of
// the total order for everybody, and no service is activated before it has heard the state of every
// member that has this service.

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "tests/sim/oracle.hpp"

namespace totem::sim {

class SyncOracle {
public:
    SyncOracle(const Facts& facts, Verdict& verdict) : facts_(facts), verdict_(verdict) {}

    void configuration(const ConfigurationEvent& event);
    // The service with the probe: its hooks and messages.
    void probe_init(Who who, std::span<const NodeId> transitional, std::span<const NodeId> members);
    void probe_heard(Who who, NodeId from, RingKey about);
    void probe_activate(Who who, std::span<const NodeId> with_probe);
    void completed(Who who, RingKey ring, std::uint32_t seq);

    // The ring on which this life last completed.
    RingKey completed_ring(Who who) const;

private:
    struct State {
        RingKey ring = kNoRing, completed = kNoRing;
        std::vector<NodeId> members, transitional, heard;
    };
    struct Completion {
        NodeId node = 0;
        std::uint32_t seq = 0;
    };
    const Facts& facts_;
    Verdict& verdict_;
    std::map<Life, State> lives_;
    std::map<RingKey, Completion> completions_;
};

}  // namespace totem::sim
