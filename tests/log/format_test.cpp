// Log lines to the letter: spec corosync-conf.md section 8.1.

#include "engine/log/format.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace engine::log {
namespace {

// Nov 22 15:44:29.189 local time, whatever the zone is.
std::chrono::system_clock::time_point a_moment() {
    std::tm local{};
    local.tm_year = 2026 - 1900;
    local.tm_mon = 10;
    local.tm_mday = 22;
    local.tm_hour = 15;
    local.tm_min = 44;
    local.tm_sec = 29;
    local.tm_isdst = -1;
    return std::chrono::system_clock::from_time_t(std::mktime(&local)) + std::chrono::milliseconds(189);
}

Record a_record() {
    Record record;
    record.level = Level::notice;
    record.subsystem = Subsystem::main;
    record.time = a_moment();
    record.file = "/src/engine/main/main.cpp";
    record.function = "int engine::main(int, char**)";
    record.line = 1398;
    record.text = "Completed service synchronization, ready to provide service.";
    return record;
}

const Origin kOrigin{8362, "vm"};
const std::string kText = "Completed service synchronization, ready to provide service.";

TEST(StderrLine, WithAndWithoutTimestamp) {
    EXPECT_EQ(stderr_line(a_record(), {.timestamp = Timestamp::on}), "Nov 22 15:44:29 notice  [MAIN  ] " + kText);
    EXPECT_EQ(stderr_line(a_record(), {.timestamp = Timestamp::hires}),
              "Nov 22 15:44:29.189 notice  [MAIN  ] " + kText);
    EXPECT_EQ(stderr_line(a_record(), {}), "notice  [MAIN  ] " + kText);
}

TEST(StderrLine, PadsDayPriorityAndSubsystem) {
    Record record = a_record();
    record.time -= std::chrono::hours(24 * 20);
    record.level = Level::error;
    record.subsystem = Subsystem::wd;
    record.text = "x";
    EXPECT_EQ(stderr_line(record, {.timestamp = Timestamp::on}), "Nov 02 15:44:29 error   [WD    ] x");
    record.level = Level::warning;
    record.subsystem = Subsystem::quorum;
    EXPECT_EQ(stderr_line(record, {}), "warning [QUORUM] x");
}

TEST(StderrLine, TellsThePlaceIfAsked) {
    EXPECT_EQ(stderr_line(a_record(), {.fileline = true}), "notice  [MAIN  ] main.cpp:1398 " + kText);
    EXPECT_EQ(stderr_line(a_record(), {.function_name = true}), "notice  [MAIN  ] main " + kText);
    EXPECT_EQ(stderr_line(a_record(), {.fileline = true, .function_name = true}),
              "notice  [MAIN  ] main.cpp:main:1398 " + kText);
}

TEST(LogfileLine, NamesProcessHostAndProgram) {
    EXPECT_EQ(logfile_line(a_record(), {.timestamp = Timestamp::on}, kOrigin),
              "Nov 22 15:44:29 [8362] vm corosync notice  [MAIN  ] " + kText);
    EXPECT_EQ(logfile_line(a_record(), {.timestamp = Timestamp::hires}, kOrigin),
              "Nov 22 15:44:29.189 [8362] vm corosync notice  [MAIN  ] " + kText);
}

TEST(LogfileLine, WithoutTimestampHasNoBlankBeforeThePriority) {
    EXPECT_EQ(logfile_line(a_record(), {}, kOrigin), "[8362] vm corosyncnotice  [MAIN  ] " + kText);
}

TEST(SyslogLine, KeepsTheBlanksOfWhatItLeavesOut) {
    EXPECT_EQ(syslog_line(a_record(), {}), " [MAIN  ] " + kText);
    EXPECT_EQ(syslog_line(a_record(), {.timestamp = Timestamp::hires}), "  [MAIN  ] " + kText);
}

TEST(FunctionName, IsThePlainOne) {
    EXPECT_EQ(plain_function_name("int main(int, char**)"), "main");
    EXPECT_EQ(plain_function_name("void engine::Daemon::run() const"), "run");
    EXPECT_EQ(plain_function_name("const char* name(int)"), "name");
    EXPECT_EQ(plain_function_name("constexpr void f(T) [with T = int]"), "f");
    EXPECT_EQ(plain_function_name(""), "");
}

TEST(Names, OfLevelsAndSubsystems) {
    const char* const levels[] = {"emerg", "alert", "crit", "error", "warning", "notice", "info", "debug", "trace"};
    for (std::size_t i = 0; i < kLevels; ++i)
        EXPECT_EQ(name(static_cast<Level>(i)), levels[i]);
    for (std::size_t i = 0; i < kSubsystems; ++i) {
        const auto subsystem = static_cast<Subsystem>(i);
        EXPECT_EQ(subsystem_by_name(name(subsystem)), subsystem);
    }
    EXPECT_EQ(name(Subsystem::apidef), "APIDEF");
    EXPECT_EQ(subsystem_by_name("totem"), Subsystem::totem);
    EXPECT_EQ(subsystem_by_name("TOTE"), std::nullopt);
}

TEST(Names, OfPrioritiesAndFacilities) {
    EXPECT_EQ(priority_by_name("err"), Level::error);
    EXPECT_EQ(priority_by_name("ERROR"), Level::error);
    EXPECT_EQ(priority_by_name("Emerg"), Level::emerg);
    EXPECT_EQ(priority_by_name("trace"), std::nullopt);
    EXPECT_EQ(priority_by_name(""), std::nullopt);
    EXPECT_EQ(facility_by_name("daemon"), LOG_DAEMON);
    EXPECT_EQ(facility_by_name("local7"), LOG_LOCAL7);
    EXPECT_EQ(facility_by_name("local8"), std::nullopt);
}

TEST(Limits, FollowPriorityAndDebug) {
    SubsystemSettings settings;
    EXPECT_EQ(settings.stderr_limit(), Level::info);
    EXPECT_EQ(settings.syslog_limit(), Level::info);
    EXPECT_EQ(settings.logfile_limit(), std::nullopt);
    settings.to_logfile = true;
    EXPECT_EQ(settings.logfile_limit(), std::nullopt);
    settings.logfile = "/x";
    settings.logfile_priority = Level::crit;
    EXPECT_EQ(settings.logfile_limit(), Level::crit);
    EXPECT_EQ(settings.stderr_limit(), Level::crit);
    settings.debug = Debug::on;
    EXPECT_EQ(settings.logfile_limit(), Level::debug);
    EXPECT_EQ(settings.syslog_limit(), Level::debug);
    settings.debug = Debug::trace;
    EXPECT_EQ(settings.stderr_limit(), Level::trace);
}

}  // namespace
}  // namespace engine::log
