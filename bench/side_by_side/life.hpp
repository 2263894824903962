#pragma once
// Measurements without load: an idle ring, and changes of its members.

#include "bench/side_by_side/load.hpp"

namespace bench {

Figures measure_idle(Ring& ring, const Conditions& conditions);

// Ends all daemons and starts them again, kills the last one, brings it back, ends it in order, brings it back.
// Times are those of the last surviving node that tells its clients of the new ring.
Figures measure_views(Ring& ring);

}  // namespace bench
