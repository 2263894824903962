#pragma once
// Where the engine's log lines go. The engine says what happened and how grave it is; formats, files,
// syslog and the per-subsystem priorities (spec corosync-conf.md section 8) are the sink's business.

#include <cstdint>
#include <string_view>

namespace engine {

// Values are syslog's, with trace behind debug.
enum class LogLevel : std::uint8_t { emerg, alert, crit, error, warning, notice, info, debug, trace };

// Tags of section 8.
inline constexpr std::string_view kMain = "MAIN", kTotem = "TOTEM", kServ = "SERV", kSync = "SYNC", kCmap = "CMAP",
                                  kCfg = "CFG", kCpg = "CPG", kQuorum = "QUORUM", kVoteq = "VOTEQ";

class LogSink {
public:
    virtual ~LogSink() = default;
    // One line without newline. `subsystem` is a tag of section 8. Called on the event loop's thread; must not wait for
    // a disk.
    virtual void write(LogLevel level, std::string_view subsystem, std::string_view text) = 0;
    // False spares the caller the formatting of a line nobody wants.
    virtual bool wanted(LogLevel level, std::string_view subsystem) const = 0;
};

}  // namespace engine
