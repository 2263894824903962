// totem-demo: two totemd nodes and a real corosync node in one ring, and the configuration store on them. Ends with 0
// only if everything was as it should be.
#include <fmt/format.h>

#include "conformance/demo/scenes.hpp"
#include "conformance/demo/store_scenes.hpp"

namespace {

void require(lab::DaemonKind kind) {
    if (!lab::find_daemon(kind))
        throw lab::LabError(fmt::format("there is no {}: {}", to_string(kind), how_to_get(kind)));
}

void play(demo::Narrator& narrator) {
    require(lab::DaemonKind::totemd);
    require(lab::DaemonKind::corosync);
    lab::Plan plan;
    plan.nodes = {lab::DaemonKind::totemd, lab::DaemonKind::totemd, lab::DaemonKind::corosync};
    plan.totem.emplace("config_version", "1");
    auto laboratory = lab::Lab::create(plan);
    const auto version = laboratory.run(3, {laboratory.manifest().nodes[2].program, "-v"}).out;
    fmt::print("A cluster in network namespaces of this machine: two nodes with totemd and one with the real\n{}.\n",
               version.substr(0, version.find('\n')));

    demo::Scenes scenes(laboratory, narrator);
    scenes.form();
    scenes.flood();
    scenes.crash(1);
    scenes.come_back(1);
    scenes.partition_and_heal();
    scenes.flood();
    scenes.leave(2);
    scenes.come_back(2);

    demo::StoreScenes store(laboratory, narrator);
    store.mount();
    store.write_and_read();
    store.move_guest();
    store.lose_quorum();
    store.heal();
    // The laboratory takes itself down here.
}

}  // namespace

int main() {
    demo::Narrator narrator;
    const auto begin = lab::Clock::now();
    try {
        play(narrator);
    } catch (const std::exception& error) {
        fmt::print("\n");
        narrator.check(false, error.what());
    }
    const auto took = std::chrono::duration_cast<lab::milliseconds>(lab::Clock::now() - begin);
    if (narrator.failures() > 0) {
        fmt::print("\n{} thing(s) were not as they should be.\n", narrator.failures());
        return 1;
    }
    fmt::print("\nEverything was as it should be ({}); all is cleaned up.\n", demo::in_seconds(took));
    return 0;
}
