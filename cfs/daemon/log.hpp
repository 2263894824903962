#pragma once
// The daemon's log (pmxcfs.md 1.5): syslog, and stderr while there is somebody to read it. Lines look as those of
// pmxcfs do. Any thread may call everything here but open_log().

#include <string_view>

#include "cfs/tree/report.hpp"
#include "engine/log/source_location.hpp"

namespace cfs::daemon {

enum class Domain : std::uint8_t { main, database, dcdb, status, confdb, quorum, loop, ipcs, libqb };

// First of all, and again in a child that is to log with its own process id.
void open_log();
void log_to_stderr(bool on);
void set_debug(bool on);  // debug lines, and where in the program each line comes from
bool debug();

void log(Severity severity, Domain domain, std::string_view text,
         engine::log::source_location where = engine::log::source_location::current());
void log(const Events& events, Domain domain);

}  // namespace cfs::daemon
