#pragma once
// The scenes of the demonstration, in the order in which they are played. A scene that cannot go on throws.

#include "conformance/demo/narrator.hpp"
#include "conformance/lab/lab.hpp"

namespace demo {

class Scenes {
public:
    Scenes(lab::Lab& laboratory, Narrator& narrator) : lab_(laboratory), narrator_(narrator) {}

    void form();
    void flood();
    void crash(unsigned node);
    void come_back(unsigned node);
    void partition_and_heal();
    void leave(unsigned node);

private:
    lab::RingView expect_ring(const lab::Nodes& members, const std::string& what, lab::milliseconds* took = nullptr);
    void show_rings();
    std::string kind_of(unsigned node) const;

    lab::Lab& lab_;
    Narrator& narrator_;
    unsigned floods_ = 0;
};

}  // namespace demo
