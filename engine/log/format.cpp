#include "engine/log/format.hpp"

#include <fmt/format.h>

#include <ctime>
#include <iterator>

namespace engine::log {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// With its trailing blank; empty if timestamps are off.
std::string timestamp(std::chrono::system_clock::time_point time, Timestamp kind) {
    if (kind == Timestamp::off) return {};
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm local{};
    localtime_r(&seconds, &local);
    std::string text = fmt::format("{} {:02} {:02}:{:02}:{:02}", kMonths[static_cast<std::size_t>(local.tm_mon)],
                                   local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec);
    if (kind == Timestamp::hires) {
        const auto milliseconds =
            std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count() % 1000;
        fmt::format_to(std::back_inserter(text), ".{:03}", milliseconds);
    }
    return text + ' ';
}

std::string_view base_name(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string location(const Record& record, const Layout& layout) {
    const std::string_view file = base_name(record.file);
    const std::string_view function = plain_function_name(record.function);
    if (layout.fileline && layout.function_name) return fmt::format(" {}:{}:{}", file, function, record.line);
    if (layout.fileline) return fmt::format(" {}:{}", file, record.line);
    if (layout.function_name) return fmt::format(" {}", function);
    return {};
}

// "[MAIN  ] main.cpp:42 text"
std::string body(const Record& record, const Layout& layout) {
    return fmt::format("[{:<6}]{} {}", name(record.subsystem), location(record, layout), record.text);
}

}  // namespace

std::string_view plain_function_name(std::string_view signature) {
    signature = signature.substr(0, signature.find(" [with"));
    signature = signature.substr(0, signature.find('('));
    const auto start = signature.find_last_of(" :*&");
    return start == std::string_view::npos ? signature : signature.substr(start + 1);
}

std::string stderr_line(const Record& record, const Layout& layout) {
    return fmt::format("{}{:<7} {}", timestamp(record.time, layout.timestamp), name(record.level),
                       body(record, layout));
}

std::string logfile_line(const Record& record, const Layout& layout, const Origin& origin) {
    // Without timestamps nothing separates program and priority (section 8.1); readers of such files
    // expect it that way.
    const std::string_view separator = layout.timestamp == Timestamp::off ? "" : " ";
    return fmt::format("{}[{}] {} {}{}{:<7} {}", timestamp(record.time, layout.timestamp), origin.pid, origin.host,
                       kProgram, separator, name(record.level), body(record, layout));
}

std::string syslog_line(const Record& record, const Layout& layout) {
    // The blanks are what remains of timestamp and priority, which syslog has of its own.
    return fmt::format("{}{}", layout.timestamp == Timestamp::off ? " " : "  ", body(record, layout));
}

}  // namespace engine::log
