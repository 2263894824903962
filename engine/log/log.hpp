#pragma once
// Logging of the process: to stderr, files and syslog, by subsystem and priority.
//
//   log::write(Level::notice, Subsystem::main, "listening on port {}", port);
//
// Before configure(), records of priority info and above go to stderr and syslog. Until start_thread()
// lines are written by the caller; after it they pass through a bounded queue to a writer thread, so
// that a slow disk never delays the ring. When the queue is full its oldest line is dropped and counted.
//
// Thread rules: write(), enabled() and dropped() from any thread; the rest from the main thread only.

#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "engine/log/settings.hpp"
#include "engine/log/source_location.hpp"

namespace engine::log {

// A format string that remembers where it was written.
template <class... Args>
struct Located {
    fmt::format_string<Args...> format;
    source_location where;

    template <class Text>
    consteval Located(const Text& text, source_location location = source_location::current())
        : format(text), where(location) {}
};

bool enabled(Level level, Subsystem subsystem);

// One finished line, without newline (trailing newlines are removed).
void write_text(Level level, Subsystem subsystem, std::string_view text,
                source_location where = source_location::current());

template <class... Args>
void write(Level level, Subsystem subsystem, std::type_identity_t<Located<Args...>> message, Args&&... args) {
    if (!enabled(level, subsystem)) return;
    fmt::memory_buffer text;
    fmt::format_to(std::back_inserter(text), message.format, std::forward<Args>(args)...);
    write_text(level, subsystem, {text.data(), text.size()}, message.where);
}

// Takes the settings into force. On error ("Can't open logfile '...' for reason: ... (13)") nothing changes.
[[nodiscard]] std::optional<std::string> configure(const Settings& settings);

// Hands writing to a thread. After a fork only, threads do not survive it. `on_start` runs in the new
// thread (scheduling).
void start_thread(std::function<void()> on_start = {});

// Writes what is queued, ends the thread and goes back to writing in the caller. Safe to repeat.
void stop_thread();

// Reopens the log files after a rotation (`corosync-cfgtool -L`); the first error, if any.
[[nodiscard]] std::optional<std::string> reopen();

// Lines lost since start because the queue was full.
std::uint64_t dropped();

// The same logger for code that takes a sink. Tags of section 8 that do not exist log as MAIN.
LogSink& sink();

}  // namespace engine::log
