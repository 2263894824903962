#pragma once

#include <chrono>
#include <optional>

#include "pvecm/host/paths.hpp"

namespace pvecm {

// Until the engine says that the cluster is quorate, and the store takes changes and has what the others have. The
// engine's own notices wake it; while there is no engine yet it looks for one from time to time. Without a limit it
// waits for ever; false if the limit is over.
bool await_quorum(const Paths& paths, std::optional<std::chrono::seconds> limit);

}  // namespace pvecm
