#pragma once
// Prints what cpg says of the ring's members, for whoever times changes of it.

namespace bench {

// Connects as soon as the engine lets it and prints one line of JSON for every membership of the ring:
// {"at_ns": CLOCK_MONOTONIC, "members": [1, 2]}. Returns when the engine ends.
void watch();

}  // namespace bench
