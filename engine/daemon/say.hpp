#pragma once
// Formatted lines for a LogSink; nothing is formatted that nobody wants.

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "engine/daemon/log_sink.hpp"

namespace engine {

template <typename... Args>
void say(LogSink& log, LogLevel level, std::string_view subsystem, fmt::format_string<Args...> format, Args&&... args) {
    if (!log.wanted(level, subsystem)) return;
    fmt::memory_buffer text;
    fmt::format_to(std::back_inserter(text), format, std::forward<Args>(args)...);
    log.write(level, subsystem, {text.data(), text.size()});
}

}  // namespace engine
