#pragma once
// What a changed corosync.conf does to each node that runs with the one before, by the engine's own rules of reloading.

#include <string>
#include <vector>

namespace pvecm::config {

enum class Effect {
    live,     // in force as soon as it is there
    restart,  // in force, whole or in part, once the engine of the node has started anew
    joins,    // listed from now on
    leaves    // not listed any more
};

struct NodeEffect {
    std::string node;
    Effect effect = Effect::live;
    std::vector<std::string> reasons = {};  // for the restart
    bool refuses = false;                   // the running engine takes nothing of the file
    bool apart = false;                     // started anew, it does not hear those that were not
};

// In the order of the new list, then those that leave. Both have to be files that `judge` has nothing against.
std::vector<NodeEffect> effects(const std::string& before, const std::string& after);

const char* name_of(Effect effect);

}  // namespace pvecm::config
