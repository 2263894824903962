#include "cfs/daemon/log.hpp"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <syslog.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>

#include "cfs/replica/clusterlog/ascii_filter.hpp"

namespace cfs::daemon {
namespace {

// What administrators' filters look for.
constexpr const char* kProgram = "pmxcfs";
constexpr std::size_t kLongestLine = 8192;

struct Priority {
    std::string_view word;
    int syslog;
    spdlog::level::level_enum level;  // spdlog has as many, with other names
};
constexpr std::array<Priority, 6> kPriorities = {{
    {"crit", LOG_CRIT, spdlog::level::critical},
    {"error", LOG_ERR, spdlog::level::err},
    {"warning", LOG_WARNING, spdlog::level::warn},
    {"notice", LOG_NOTICE, spdlog::level::info},
    {"info", LOG_INFO, spdlog::level::debug},
    {"debug", LOG_DEBUG, spdlog::level::trace},
}};

constexpr std::array<std::string_view, 9> kDomains = {"main",   "database", "dcdb", "status", "confdb",
                                                      "quorum", "loop",     "ipcs", "libqb"};

class SyslogSink final : public spdlog::sinks::base_sink<std::mutex> {
    void sink_it_(const spdlog::details::log_msg& message) override {
        for (const Priority& priority : kPriorities) {
            if (priority.level != message.level) continue;
            ::syslog(priority.syslog, "%.*s", static_cast<int>(message.payload.size()), message.payload.data());
        }
    }
    void flush_() override {}
};

class StderrSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    std::atomic<bool> on = true;

private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        if (!on) return;
        const std::string line(message.payload.data(), message.payload.size());
        fmt::print(stderr, "{}\n", line);
    }
    void flush_() override {}
};

struct Log {
    std::shared_ptr<StderrSink> stderr_sink = std::make_shared<StderrSink>();
    spdlog::logger logger{kProgram, {std::make_shared<SyslogSink>(), stderr_sink}};
    std::atomic<bool> debug = false;
};

Log& the_log() {
    static Log log;
    return log;
}

std::string_view base_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

}  // namespace

void open_log() {
    ::openlog(kProgram, LOG_CONS | LOG_PID, LOG_DAEMON);
    the_log().logger.set_level(the_log().debug ? spdlog::level::trace : spdlog::level::debug);
}

void log_to_stderr(bool on) {
    the_log().stderr_sink->on = on;
}

void set_debug(bool on) {
    the_log().debug = on;
    the_log().logger.set_level(on ? spdlog::level::trace : spdlog::level::debug);
}

bool debug() {
    return the_log().debug;
}

void log(Severity severity, Domain domain, std::string_view text, engine::log::source_location where) {
    const Priority& priority = kPriorities.at(static_cast<std::size_t>(severity));
    Log& log = the_log();
    if (!log.logger.should_log(priority.level)) return;
    std::string line = fmt::format("[{}] {}: {}", kDomains.at(static_cast<std::size_t>(domain)), priority.word, text);
    if (log.debug)
        line += fmt::format(" ({}:{}:{})", base_name(where.file_name()), where.line(), where.function_name());
    log.logger.log(priority.level, replica::ascii_filter(line, kLongestLine, replica::Quotes::keep));
}

void log(const Events& events, Domain domain) {
    for (const Event& event : events)
        log(event.severity, domain, event.text);
}

}  // namespace cfs::daemon
