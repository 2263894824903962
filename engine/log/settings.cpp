#include "engine/log/settings.hpp"

#include <strings.h>

#include <algorithm>
#include <utility>

namespace engine::log {
namespace {

constexpr std::array<std::string_view, kSubsystems> kSubsystemNames = {
    "MAIN", "SERV", "CMAP", "CFG",    "CPG",   "QUORUM", "VOTEQ", "PLOAD", "MON",
    "WD",   "YKD",  "SYNC", "APIDEF", "TOTEM", "QB",     "STATS", "KNET"};

constexpr std::array<std::string_view, kLevels> kLevelNames = {"emerg",  "alert", "crit",  "error", "warning",
                                                               "notice", "info",  "debug", "trace"};

// syslog.h's own table (prioritynames, facilitynames) is a writable definition in a header, with
// entries that are not to be configured.
constexpr std::array<std::pair<std::string_view, Level>, 9> kPriorities = {{
    {"alert", Level::alert},
    {"crit", Level::crit},
    {"debug", Level::debug},
    {"emerg", Level::emerg},
    {"err", Level::error},
    {"error", Level::error},
    {"info", Level::info},
    {"notice", Level::notice},
    {"warning", Level::warning},
}};

constexpr std::array<std::pair<std::string_view, int>, 20> kFacilities = {{
    {"auth", LOG_AUTH},     {"authpriv", LOG_AUTHPRIV}, {"cron", LOG_CRON},     {"daemon", LOG_DAEMON},
    {"ftp", LOG_FTP},       {"kern", LOG_KERN},         {"lpr", LOG_LPR},       {"mail", LOG_MAIL},
    {"news", LOG_NEWS},     {"syslog", LOG_SYSLOG},     {"user", LOG_USER},     {"uucp", LOG_UUCP},
    {"local0", LOG_LOCAL0}, {"local1", LOG_LOCAL1},     {"local2", LOG_LOCAL2}, {"local3", LOG_LOCAL3},
    {"local4", LOG_LOCAL4}, {"local5", LOG_LOCAL5},     {"local6", LOG_LOCAL6}, {"local7", LOG_LOCAL7},
}};

bool same_ignoring_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

template <class Table>
auto find_ignoring_case(const Table& table, std::string_view text)
    -> std::optional<typename Table::value_type::second_type> {
    const auto found = std::find_if(table.begin(), table.end(),
                                    [&](const auto& entry) { return same_ignoring_case(entry.first, text); });
    if (found == table.end()) return std::nullopt;
    return found->second;
}

// `debug` replaces both priorities (section 8.1).
Level limit(Level configured, Debug debug) {
    switch (debug) {
        case Debug::on:
            return Level::debug;
        case Debug::trace:
            return Level::trace;
        case Debug::off:
            break;
    }
    return configured;
}

}  // namespace

std::string_view name(Subsystem subsystem) {
    return kSubsystemNames[static_cast<std::size_t>(subsystem)];
}

std::string_view name(Level level) {
    return kLevelNames[static_cast<std::size_t>(level)];
}

std::optional<Subsystem> subsystem_by_name(std::string_view tag) {
    for (std::size_t i = 0; i < kSubsystems; ++i) {
        if (same_ignoring_case(kSubsystemNames[i], tag)) return static_cast<Subsystem>(i);
    }
    return std::nullopt;
}

std::optional<Level> priority_by_name(std::string_view text) {
    return find_ignoring_case(kPriorities, text);
}

std::optional<int> facility_by_name(std::string_view text) {
    return find_ignoring_case(kFacilities, text);
}

std::optional<Level> SubsystemSettings::stderr_limit() const {
    if (!to_stderr) return std::nullopt;
    return limit(logfile_priority, debug);
}

std::optional<Level> SubsystemSettings::syslog_limit() const {
    if (!to_syslog) return std::nullopt;
    return limit(syslog_priority, debug);
}

std::optional<Level> SubsystemSettings::logfile_limit() const {
    if (!to_logfile || logfile.empty()) return std::nullopt;
    return limit(logfile_priority, debug);
}

}  // namespace engine::log
