#include "pvecm/quorum/what_if.hpp"

#include <algorithm>

namespace pvecm::quorum {
namespace {

bool contains(const NodeIds& nodes, vote::NodeId node) {
    return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

NodeIds all_ids(const Model& model) {
    NodeIds ids;
    for (const Voter& voter : model.voters)
        ids.push_back(voter.id);
    return ids;
}

// Brings a new simulation to where the cluster is. Nodes that are quorate have been whole before; of others only those
// that are up have ever been seen.
void reach(Simulation& simulation, const Model& model, const Present& present) {
    const NodeIds all = all_ids(model);
    simulation.boot(present.quorate ? all : present.up, present.device);
    NodeIds down;
    std::copy_if(all.begin(), all.end(), std::back_inserter(down),
                 [&](vote::NodeId id) { return !contains(present.up, id); });
    if (present.quorate && !down.empty()) simulation.lose(down);
    for (const auto& [id, votes] : present.votes)
        simulation.set_votes(id, votes);
    if (present.expected && *present.expected != simulation.count().expected)
        simulation.set_expected(*present.expected);
}

bool counts_anew(const Model& model) {
    return std::any_of(model.voters.begin(), model.voters.end(),
                       [](const Voter& voter) { return voter.keys.last_man_standing; });
}

Count lost_one_by_one(const Model& model, const Present& present, const Loss& loss) {
    Simulation simulation(model);
    reach(simulation, model, present);
    for (const vote::NodeId node : loss.nodes) {
        simulation.lose({node});
        simulation.pass_window();
    }
    return simulation.count();
}

}  // namespace

Present all_present(const Model& model) {
    return {.up = all_ids(model), .device = model.device};
}

Answer ask(const Model& model, const Present& present, const Loss& loss) {
    Simulation simulation(model);
    reach(simulation, model, present);
    Answer answer;
    answer.now = simulation.count();
    if (loss.device) simulation.lose_device();
    if (!loss.nodes.empty()) simulation.lose(loss.nodes);
    answer.then = simulation.count();
    answer.left = simulation.alive();
    if (answer.left.empty()) return answer;
    if (counts_anew(model)) {
        simulation.pass_window();
        if (!(simulation.count() == answer.then)) answer.later = simulation.count();
        const Count last = lost_one_by_one(model, present, loss);
        if (loss.nodes.size() > 1 && !loss.device && !(last == answer.end())) answer.one_by_one = last;
    }
    if (answer.end().quorate) return answer;
    simulation.set_expected(answer.end().votes);
    if (simulation.count().quorate) answer.remedy = answer.end().votes;
    return answer;
}

}  // namespace pvecm::quorum
