#include "engine/config/logging.hpp"

#include <fmt/format.h>

#include <set>

namespace engine::config {
namespace {

using totem::Dialect;

constexpr std::string_view kSubsystemPrefix = "logging.logger_subsys.";

std::optional<bool> on_off(const cmap::Map& map, const std::string& prefix, const char* key) {
    const auto value = map.get_string(prefix + key);
    if (!value) return std::nullopt;
    if (*value == "on") return true;
    if (*value == "off") return false;
    throw logging_error(fmt::format("unknown value for {}", key));
}

std::optional<bool> yes_no(const cmap::Map& map, const std::string& prefix, const char* key) {
    const auto value = map.get_string(prefix + key);
    if (!value) return std::nullopt;
    if (*value == "yes" || *value == "on") return true;
    if (*value == "no" || *value == "off") return false;
    throw logging_error(fmt::format("unknown value for {}", key));
}

std::optional<log::Level> priority(const cmap::Map& map, const std::string& prefix, const char* key,
                                   const char* printed) {
    const auto value = map.get_string(prefix + key);
    if (!value) return std::nullopt;
    if (const auto level = log::priority_by_name(*value)) return level;
    throw logging_error(fmt::format("unknown {} specified", printed));
}

template <class T>
void take(T& target, const std::optional<T>& value) {
    if (value) target = *value;
}

// The keys that may stand at top level and in a logger_subsys. What is not given stays as it is.
void apply(const cmap::Map& map, const std::string& prefix, log::SubsystemSettings& settings) {
    take(settings.to_stderr, yes_no(map, prefix, "to_stderr"));
    take(settings.to_syslog, yes_no(map, prefix, "to_syslog"));
    take(settings.to_logfile, yes_no(map, prefix, "to_file"));
    take(settings.to_logfile, yes_no(map, prefix, "to_logfile"));
    take(settings.logfile, map.get_string(prefix + "logfile"));
    take(settings.syslog_priority, priority(map, prefix, "syslog_level", "syslog level"));
    take(settings.syslog_priority, priority(map, prefix, "syslog_priority", "syslog priority"));
    take(settings.logfile_priority, priority(map, prefix, "logfile_priority", "logfile priority"));
    if (const auto facility = map.get_string(prefix + "syslog_facility")) {
        const auto known = log::facility_by_name(*facility);
        if (!known) throw logging_error("unknown syslog facility specified");
        settings.syslog_facility = *known;
    }
    if (const auto debug = map.get_string(prefix + "debug"); debug == "trace") {
        settings.debug = log::Debug::trace;
    } else if (const auto on = on_off(map, prefix, "debug")) {
        settings.debug = *on ? log::Debug::on : log::Debug::off;
    }
}

log::Timestamp timestamp(const cmap::Map& map, Dialect dialect) {
    const auto value = map.get_string("logging.timestamp");
    if (!value) return dialect == Dialect::v3 ? log::Timestamp::hires : log::Timestamp::off;
    if (*value == "hires" && dialect == Dialect::v3) return log::Timestamp::hires;
    return *on_off(map, "logging.", "timestamp") ? log::Timestamp::on : log::Timestamp::off;
}

// NAME of every logging.logger_subsys.NAME.
std::set<std::string> configured_subsystems(const cmap::Map& map) {
    std::set<std::string> names;
    for (const std::string& key : map.keys(kSubsystemPrefix)) {
        const std::string rest = key.substr(kSubsystemPrefix.size());
        names.insert(rest.substr(0, rest.find('.')));
    }
    return names;
}

void warn_about_missing_logfiles(const log::Settings& settings, std::vector<std::string>& warnings) {
    for (const log::SubsystemSettings& subsystem : settings.subsystems) {
        if (!subsystem.to_logfile || !subsystem.logfile.empty()) continue;
        warnings.emplace_back("logging: to_logfile is on but no logfile is set, nothing is written to a file.");
        return;
    }
}

}  // namespace

Error logging_error(const std::string& text) {
    return Error(fmt::format("parse error in config: {}.", text), kExitLogging);
}

log::Settings logging_settings(const cmap::Map& map, Dialect dialect, std::vector<std::string>& warnings) {
    log::Settings settings;
    settings.timestamp = timestamp(map, dialect);
    take(settings.fileline, on_off(map, "logging.", "fileline"));
    take(settings.function_name, on_off(map, "logging.", "function_name"));
    on_off(map, "logging.", "blackbox");

    log::SubsystemSettings common;
    apply(map, "logging.", common);
    settings.subsystems.fill(common);
    for (const std::string& name : configured_subsystems(map)) {
        const std::string prefix = fmt::format("{}{}.", kSubsystemPrefix, name);
        if (const auto subsystem = log::subsystem_by_name(name)) {
            apply(map, prefix, settings.of(*subsystem));
        } else {
            warnings.push_back(
                fmt::format("logging: there is no subsystem {}, its logger_subsys has no effect.", name));
            log::SubsystemSettings checked_only;
            apply(map, prefix, checked_only);
        }
    }
    warn_about_missing_logfiles(settings, warnings);
    return settings;
}

}  // namespace engine::config
