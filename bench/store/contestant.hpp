#pragma once
// A configuration store to be measured: a ring of nodes with a store on each, or one node in local mode.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conformance/store/store_nodes.hpp"

namespace bench {

struct Kind {
    std::string name;                       // "cfsd over totemd"
    std::optional<lab::DaemonKind> engine;  // none: local mode
    lab::StoreKind store = lab::StoreKind::cfsd;
};

// All that can run here, the real peer last; of 0 nodes those in local mode.
std::vector<Kind> kinds(unsigned nodes);

class Contestant {
public:
    // Starts everything and waits until all nodes can write.
    Contestant(const Kind& kind, unsigned nodes, lab::Transport transport);

    const std::string& name() const { return kind_.name; }
    unsigned size() const { return lab_->size(); }
    lab::Lab& laboratory() { return *lab_; }
    lab::StoreNodes& stores() { return *stores_; }

private:
    Kind kind_;
    std::unique_ptr<lab::Lab> lab_;
    std::unique_ptr<lab::StoreNodes> stores_;  // ends before the nodes do
};

}  // namespace bench
