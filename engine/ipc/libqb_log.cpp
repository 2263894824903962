#include <qb/qblog.h>
#include <syslog.h>

#include "engine/ipc/server.hpp"
#include "engine/log/log.hpp"

namespace engine::ipc {

namespace {

log::Level level_of(std::uint8_t priority) {
    return priority <= LOG_DEBUG ? static_cast<log::Level>(priority) : log::Level::trace;
}

void on_libqb_message(int32_t, qb_log_callsite* site, timespec*, const char* text) {
    log::write_text(level_of(site->priority), log::Subsystem::qb, text);
}

}  // namespace

// libqb drops its messages until its own logging is initialised, and that opens syslog for the process.
// Under the name the log uses, so that it does not matter who did so last; nothing of libqb's is an
// emergency, so all of it goes to our target.
void route_libqb_log() {
    qb_log_init(log::kProgram, LOG_DAEMON, LOG_EMERG);
    const int32_t target = qb_log_custom_open(on_libqb_message, nullptr, nullptr, nullptr);
    if (target < 0) return;
    qb_log_filter_ctl(target, QB_LOG_FILTER_ADD, QB_LOG_FILTER_FILE, "*", LOG_DEBUG);
    qb_log_format_set(target, "%b");
    qb_log_ctl(target, QB_LOG_CONF_ENABLED, QB_TRUE);
}

}  // namespace engine::ipc
