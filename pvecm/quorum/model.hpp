#pragma once
// The voters of a cluster: what each node's votequorum goes by, from a corosync.conf, by the engine's own reading.

#include <string>
#include <vector>

#include "votequorum/options.hpp"

namespace pvecm::quorum {

struct Voter {
    std::string name;
    vote::NodeId id = 0;
    vote::Keys keys;
};

struct Model {
    std::vector<Voter> voters;  // by position in the file
    bool votequorum = false;    // it is the provider
    bool device = false;        // there is a quorum device

    const Voter* find(const std::string& name) const;
};

// Throws Error if the file is not one an engine would start with.
Model model_of(const std::string& text, const std::string& file);

}  // namespace pvecm::quorum
