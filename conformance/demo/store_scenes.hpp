#pragma once
// The scenes of the demonstration that play in the configuration store of a ring that stands.

#include "conformance/demo/narrator.hpp"
#include "conformance/store/store_nodes.hpp"

namespace demo {

class StoreScenes {
public:
    StoreScenes(lab::Lab& laboratory, Narrator& narrator)
        : lab_(laboratory), narrator_(narrator), stores_(laboratory) {}

    void mount();
    void write_and_read();
    void move_guest();
    void lose_quorum();
    void heal();

private:
    // Runs a script in the mount of a node and shows both; its outcome.
    lab::Finished type(unsigned node, const std::string& script);
    std::string output(unsigned node, const std::string& script) { return type(node, script).out; }
    void wait_until(const std::string& what, const std::function<bool()>& so);

    lab::Lab& lab_;
    Narrator& narrator_;
    lab::StoreNodes stores_;
};

}  // namespace demo
