#pragma once
// How the actions say that they failed; the exit code is theirs to return.

#include <fmt/format.h>

#include <utility>

#include "tools/common/connection.hpp"
#include "tools/common/program.hpp"

namespace tools::cfgtool {

inline constexpr const char* no_cfg = "Could not initialize corosync configuration API error";

template <class... Arguments>
int complain(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    tools::complain(fmt::format(format, std::forward<Arguments>(arguments)...));
    return 1;
}

inline int refuse(const Cfg& cfg) {
    return complain("{} {}", no_cfg, static_cast<int>(cfg.error));
}

}  // namespace tools::cfgtool
