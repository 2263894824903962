#pragma once
// Clients that connect, ask for events or answers, and never read them.

#include <string>

namespace chaos {

enum class Stuck {
    member,   // of a cpg group
    tracker,  // of cmap (everything), quorum and votequorum at once
    deaf,     // sends requests and reads no answer
};

// Makes `count` processes of that kind, prints "stuck" once all of them are, and waits for SIGTERM, on which they are
// killed.
void be_stuck(Stuck kind, unsigned count, const std::string& group);

}  // namespace chaos
