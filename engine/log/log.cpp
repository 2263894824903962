#include "engine/log/log.hpp"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/logger.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <climits>
#include <map>
#include <memory>
#include <vector>

#include "engine/log/targets.hpp"

namespace engine::log {
namespace {

// Lines that may wait for the disk; some 2 MiB.
constexpr std::size_t kQueueLines = 4096;

using Pool = spdlog::details::thread_pool;
using Targets = std::vector<std::shared_ptr<Target>>;

// What write() needs, replaced as a whole so that writers on other threads never see half of a change.
struct Front {
    std::shared_ptr<Pool> pool;
    std::shared_ptr<spdlog::logger> logger;
};

std::string host_name() {
    std::array<char, HOST_NAME_MAX + 1> host{};
    gethostname(host.data(), host.size() - 1);
    return host.data();
}

Layout layout_of(const Settings& settings) {
    return {settings.timestamp, settings.fileline, settings.function_name};
}

template <class Limit>
Limits limits_of(const Settings& settings, Limit limit) {
    Limits limits;
    for (std::size_t i = 0; i < kSubsystems; ++i)
        limits[i] = limit(settings.subsystems[i]);
    return limits;
}

Targets make_targets(const Settings& settings, std::optional<std::string>& error) {
    const Layout layout = layout_of(settings);
    Targets targets;
    targets.push_back(
        std::make_shared<StderrTarget>(limits_of(settings, [](const auto& s) { return s.stderr_limit(); }), layout));

    std::array<int, kSubsystems> facilities{};
    for (std::size_t i = 0; i < kSubsystems; ++i)
        facilities[i] = settings.subsystems[i].syslog_facility;
    targets.push_back(std::make_shared<SyslogTarget>(
        limits_of(settings, [](const auto& s) { return s.syslog_limit(); }), layout, facilities));

    // Subsystems may share a file, which is then opened once (section 8.1).
    std::map<std::string, Limits> files;
    for (std::size_t i = 0; i < kSubsystems; ++i) {
        const auto& subsystem = settings.subsystems[i];
        if (const auto limit = subsystem.logfile_limit()) files[subsystem.logfile][i] = limit;
    }
    for (const auto& [path, limits] : files) {
        auto file = std::make_shared<FileTarget>(limits, layout, host_name(), path);
        error = file->reopen();
        if (error) return {};
        targets.push_back(std::move(file));
    }
    return targets;
}

class Logger final : public LogSink {
public:
    Logger() {
        std::optional<std::string> error;
        targets_ = make_targets({}, error);
        set_limits({});
        publish(nullptr);
    }

    bool enabled(Level level, Subsystem subsystem) const {
        return static_cast<int>(level) <= limits_[static_cast<std::size_t>(subsystem)].load(std::memory_order_relaxed);
    }

    void write_text(Level level, Subsystem subsystem, std::string_view text, const source_location& where) const {
        while (text.ends_with('\n'))
            text.remove_suffix(1);
        spdlog::memory_buf_t payload;
        encode(level, subsystem, text, payload);
        const spdlog::source_loc location(where.file_name(), static_cast<int>(where.line()), where.function_name());
        front_.load()->logger->log(location, spdlog::level::info,
                                   spdlog::string_view_t(payload.data(), payload.size()));
    }

    std::optional<std::string> configure(const Settings& settings) {
        std::optional<std::string> error;
        Targets targets = make_targets(settings, error);
        if (error) return error;
        targets_ = std::move(targets);
        set_limits(settings);
        publish(front_.load()->pool);
        return std::nullopt;
    }

    void start_thread(std::function<void()> on_start) {
        if (front_.load()->pool) return;
        publish(std::make_shared<Pool>(
            kQueueLines, 1, on_start ? std::move(on_start) : [] {}));
    }

    void stop_thread() {
        auto pool = front_.load()->pool;
        if (!pool) return;
        publish(nullptr);
        lost_before_ += pool->overrun_counter();
        pool.reset();  // the last owner waits for the queue to be written
    }

    std::optional<std::string> reopen() {
        std::optional<std::string> first;
        for (const auto& target : targets_) {
            auto error = target->reopen();
            if (!first) first = std::move(error);
        }
        return first;
    }

    std::uint64_t dropped() const {
        const auto front = front_.load();
        return lost_before_ + (front->pool ? front->pool->overrun_counter() : 0);
    }

    void write(LogLevel level, std::string_view tag, std::string_view text) override {
        write_text(level, subsystem_by_name(tag).value_or(Subsystem::main), text, {});
    }

    bool wanted(LogLevel level, std::string_view tag) const override {
        return enabled(level, subsystem_by_name(tag).value_or(Subsystem::main));
    }

private:
    void set_limits(const Settings& settings) {
        for (std::size_t i = 0; i < kSubsystems; ++i) {
            const auto& s = settings.subsystems[i];
            // An empty optional compares less than any level.
            const auto widest = std::max({s.stderr_limit(), s.syslog_limit(), s.logfile_limit()});
            limits_[i].store(widest ? static_cast<int>(*widest) : -1, std::memory_order_relaxed);
        }
    }

    void publish(std::shared_ptr<Pool> pool) {
        auto front = std::make_shared<Front>();
        std::vector<spdlog::sink_ptr> sinks(targets_.begin(), targets_.end());
        if (pool) {
            front->logger = std::make_shared<spdlog::async_logger>("totemd", sinks.begin(), sinks.end(), pool,
                                                                   spdlog::async_overflow_policy::overrun_oldest);
        } else {
            front->logger = std::make_shared<spdlog::logger>("totemd", sinks.begin(), sinks.end());
        }
        front->pool = std::move(pool);
        front_.store(std::move(front));
    }

    Targets targets_;
    std::array<std::atomic<int>, kSubsystems> limits_{};  // most verbose of all targets, -1 for none
    std::atomic<std::shared_ptr<Front>> front_;
    std::atomic<std::uint64_t> lost_before_ = 0;
};

Logger& logger() {
    // Never destroyed: other static objects may log while the process ends.
    static Logger& instance = *new Logger;
    return instance;
}

}  // namespace

bool enabled(Level level, Subsystem subsystem) {
    return logger().enabled(level, subsystem);
}

void write_text(Level level, Subsystem subsystem, std::string_view text, source_location where) {
    logger().write_text(level, subsystem, text, where);
}

std::optional<std::string> configure(const Settings& settings) {
    return logger().configure(settings);
}

void start_thread(std::function<void()> on_start) {
    logger().start_thread(std::move(on_start));
}

void stop_thread() {
    logger().stop_thread();
}

std::optional<std::string> reopen() {
    return logger().reopen();
}

std::uint64_t dropped() {
    return logger().dropped();
}

LogSink& sink() {
    return logger();
}

}  // namespace engine::log
