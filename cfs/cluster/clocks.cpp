#include "cfs/cluster/clocks.hpp"

#include <chrono>
#include <ctime>

namespace cfs::cluster {

replica::Now now() {
    return {static_cast<std::uint32_t>(std::time(nullptr)), std::chrono::steady_clock::now()};
}

}  // namespace cfs::cluster
