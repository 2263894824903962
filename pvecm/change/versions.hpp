#pragma once
// Which config_version each member of the ring runs with, as the local engine hears it from them.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>

#include "tools/common/connection.hpp"

namespace pvecm::change {

using Clock = std::chrono::steady_clock;

class Versions {
public:
    Versions();  // throws Error if there is no engine

    std::map<std::uint32_t, std::uint64_t> read() const;  // by node id
    // Until one of them changes, or the time is over.
    void await_change(Clock::time_point end);

private:
    tools::Cmap cmap_;
};

}  // namespace pvecm::change
