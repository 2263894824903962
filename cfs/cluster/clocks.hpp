#pragma once
// This machine's clocks.

#include "cfs/replica/messages/types.hpp"

namespace cfs::cluster {

replica::Now now();

}  // namespace cfs::cluster
