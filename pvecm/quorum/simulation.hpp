#pragma once
// One ring of nodes that runs the engine's votequorum under a clock of its own: who would be quorate if nodes went.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "pvecm/quorum/model.hpp"
#include "votequorum/machine.hpp"

namespace pvecm::quorum {

using NodeIds = std::vector<vote::NodeId>;

struct Count {
    std::uint32_t votes = 0, expected = 0, quorum = 0;
    bool quorate = false, waiting_for_all = false;
    bool operator==(const Count&) const = default;
};

class Simulation {
public:
    explicit Simulation(const Model& model) : model_(model) {}
    Simulation(const Simulation&) = delete;
    Simulation& operator=(const Simulation&) = delete;

    // Boots these nodes, in one ring from the start. With `device`, their quorum device is there and votes for them.
    void boot(const NodeIds& nodes, bool device);
    // All at once; the rest notices, and its device judges anew.
    void lose(const NodeIds& gone);
    // Nobody reaches the device any more.
    void lose_device();
    // As long as last_man_standing waits before it counts anew.
    void pass_window();
    void set_expected(std::uint32_t votes);  // as an administrator does
    void set_votes(vote::NodeId node, std::uint32_t votes);

    const NodeIds& alive() const { return ring_; }
    Count count() const;  // as the first node alive sees it; nothing but zeros if none is

private:
    class Node;

    void synchronise();
    void poll_device();
    void deliver();
    void pass(vote::Duration time);
    void tell(const vote::Message& message);

    const Model& model_;
    std::map<vote::NodeId, std::shared_ptr<Node>> nodes_;
    NodeIds ring_;
    bool device_ = false;
    std::uint64_t sequence_ = 0;
    vote::Instant now_{};
};

}  // namespace pvecm::quorum
