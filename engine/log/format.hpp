#pragma once
// The text of a log line. Pure; spec corosync-conf.md section 8.1.

#include <sys/types.h>

#include <chrono>
#include <string>
#include <string_view>

#include "engine/log/settings.hpp"

namespace engine::log {

struct Record {
    Level level = Level::info;
    Subsystem subsystem = Subsystem::main;
    std::chrono::system_clock::time_point time;
    std::string_view file;      // path; its last component is printed
    std::string_view function;  // as std::source_location gives it; its plain name is printed
    unsigned line = 0;
    std::string_view text;
};

// What a line tells of the process that wrote it.
struct Origin {
    pid_t pid = 0;
    std::string host;
};

struct Layout {
    Timestamp timestamp = Timestamp::off;
    bool fileline = false;
    bool function_name = false;
};

std::string stderr_line(const Record& record, const Layout& layout);
std::string logfile_line(const Record& record, const Layout& layout, const Origin& origin);
std::string syslog_line(const Record& record, const Layout& layout);

// "engine::Daemon::run() const" to "run".
std::string_view plain_function_name(std::string_view signature);

}  // namespace engine::log
