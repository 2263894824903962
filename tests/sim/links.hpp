#pragma once
// The network between the nodes: what becomes of a datagram on its way from one to another.

#include <cstdint>
#include <optional>
#include <vector>

#include "tests/sim/rng.hpp"
#include "tests/sim/scenario.hpp"

namespace totem::sim {

// What a datagram looks like from outside.
struct Shape {
    wire::PacketType type = wire::PacketType::mcast;
    std::size_t size = 0;
};

class Links {
public:
    Links(const Scenario& scenario, Rng& rng);

    // Link states follow the faults that are active at `now`.
    void update(Time now);

    // Latencies of the copies that arrive: none, one, or two.
    struct Fate {
        std::uint32_t copies = 0;
        Time latency[2] = {0, 0};
    };
    Fate send(unsigned network, NodeIndex from, NodeIndex to, const Shape& shape);

private:
    struct Link {
        double loss = 0, duplicate = 0;
        Time delay = 0;
        bool selective = false;  // faults by type or size are active: look at them one by one
    };
    Link& link(unsigned network, NodeIndex from, NodeIndex to) {
        return links_[(network * count_ + from) * count_ + to];
    }
    void apply(const LinkFault& fault, unsigned network);
    bool selectively_lost(unsigned network, NodeIndex from, NodeIndex to, const Shape& shape);
    Time latency(const Link& link);

    const Scenario& scenario_;
    Rng& rng_;
    std::size_t count_;
    std::vector<Link> links_;
    std::vector<const LinkFault*> selective_;
};

}  // namespace totem::sim
