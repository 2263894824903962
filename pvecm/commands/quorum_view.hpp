#pragma once
// What status, nodes and expected share: the engine as corosync-quorumtool sees it, whose exit codes theirs are.

#include <optional>

#include "pvecm/host/context.hpp"
#include "tools/quorumtool/engine.hpp"

namespace pvecm::commands {

inline constexpr int kQuorumFailed = 1, kNotQuorate = 2;

// On standard error, and only that: the engine may run with a configuration of its own.
void warn_without_cluster(const Context& context);

// On standard error, if members are missing and it seems to be for their keys.
void warn_of_keys(const Context& context, const tools::quorumtool::Picture& picture);

// Nothing if the engine did not answer; that is said already.
std::optional<tools::quorumtool::Picture> look(const tools::quorumtool::Settings& settings);

}  // namespace pvecm::commands
