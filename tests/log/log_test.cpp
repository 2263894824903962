// Where records go. syslog(3) is replaced in this program to see what it is given.

#include "engine/log/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <sstream>
#include <thread>
#include <vector>

namespace {

struct SyslogCall {
    int priority;
    std::string text;
};
std::mutex syslog_mutex;
std::vector<SyslogCall> syslog_calls;

void note_syslog(int priority, const char* format, va_list arguments) {
    char text[1024];
    std::vsnprintf(text, sizeof text, format, arguments);
    const std::lock_guard lock(syslog_mutex);
    syslog_calls.push_back({priority, text});
}

}  // namespace

extern "C" void syslog(int priority, const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    note_syslog(priority, format, arguments);
    va_end(arguments);
}

// What a fortified build calls instead.
extern "C" void __syslog_chk(int priority, int, const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    note_syslog(priority, format, arguments);
    va_end(arguments);
}

namespace engine::log {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::StartsWith;

class Log : public testing::Test {
protected:
    Log() : folder_(testing::TempDir() + "totemd-log-" + std::to_string(getpid())) {
        std::filesystem::create_directory(folder_);
        syslog_calls.clear();
    }
    ~Log() override {
        stop_thread();
        EXPECT_EQ(configure({}), std::nullopt);
        std::filesystem::remove_all(folder_);
    }

    // Everything off, so that a test switches on what it looks at.
    static Settings quiet() {
        Settings settings;
        for (auto& subsystem : settings.subsystems)
            subsystem.to_stderr = subsystem.to_syslog = false;
        return settings;
    }
    Settings to_file(const std::string& name = "log") const {
        Settings settings = quiet();
        for (auto& subsystem : settings.subsystems) {
            subsystem.to_logfile = true;
            subsystem.logfile = path(name);
        }
        return settings;
    }
    std::string path(const std::string& name) const { return folder_ + "/" + name; }
    std::vector<std::string> lines(const std::string& name = "log") const {
        std::ifstream stream(path(name));
        std::vector<std::string> result;
        for (std::string line; std::getline(stream, line);)
            result.push_back(line);
        return result;
    }

    const std::string folder_;
};

TEST_F(Log, GoesToStderrAndSyslogBeforeItIsConfigured) {
    testing::internal::CaptureStderr();
    write(Level::error, Subsystem::main, "bad {}", 7);
    write(Level::debug, Subsystem::main, "unseen");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "error   [MAIN  ] bad 7\n");
    ASSERT_EQ(syslog_calls.size(), 1U);
    EXPECT_EQ(syslog_calls[0].priority, LOG_DAEMON | LOG_ERR);
    EXPECT_EQ(syslog_calls[0].text, " [MAIN  ] bad 7");
}

TEST_F(Log, WritesToAFile) {
    ASSERT_EQ(configure(to_file()), std::nullopt);
    write(Level::notice, Subsystem::totem, "hello");
    char host[256] = "";
    gethostname(host, sizeof host);
    EXPECT_THAT(lines(), ElementsAre("[" + std::to_string(getpid()) + "] " + host + " corosyncnotice  [TOTEM ] hello"));
    EXPECT_THAT(syslog_calls, IsEmpty());
}

TEST_F(Log, FollowsThePriorityOfEachSubsystem) {
    Settings settings = to_file();
    settings.of(Subsystem::totem).logfile_priority = Level::warning;
    settings.of(Subsystem::cpg).debug = Debug::on;
    settings.of(Subsystem::sync).debug = Debug::trace;
    ASSERT_EQ(configure(settings), std::nullopt);
    for (const auto subsystem : {Subsystem::main, Subsystem::totem, Subsystem::cpg, Subsystem::sync}) {
        for (const auto level : {Level::warning, Level::notice, Level::debug, Level::trace}) {
            write(level, subsystem, "x");
        }
    }
    std::string seen;
    for (const auto& line : lines())
        seen += line.substr(line.find("corosync") + 8) + "\n";
    EXPECT_EQ(seen,
              "warning [MAIN  ] x\nnotice  [MAIN  ] x\nwarning [TOTEM ] x\nwarning [CPG   ] x\nnotice  [CPG   ] x\n"
              "debug   [CPG   ] x\nwarning [SYNC  ] x\nnotice  [SYNC  ] x\ndebug   [SYNC  ] x\ntrace   [SYNC  ] x\n");
}

TEST_F(Log, EnabledSaysWhatWouldBeWritten) {
    Settings settings = quiet();
    settings.of(Subsystem::main).to_syslog = true;
    settings.of(Subsystem::main).syslog_priority = Level::warning;
    ASSERT_EQ(configure(settings), std::nullopt);
    EXPECT_TRUE(enabled(Level::warning, Subsystem::main));
    EXPECT_FALSE(enabled(Level::notice, Subsystem::main));
    EXPECT_FALSE(enabled(Level::emerg, Subsystem::cpg));
    EXPECT_TRUE(sink().wanted(Level::warning, "MAIN"));
    EXPECT_FALSE(sink().wanted(Level::notice, "MAIN"));
}

TEST_F(Log, SyslogGetsFacilityAndDebugAsInfo) {
    Settings settings = quiet();
    settings.of(Subsystem::main).to_syslog = true;
    settings.of(Subsystem::main).debug = Debug::trace;
    settings.of(Subsystem::main).syslog_facility = LOG_LOCAL3;
    ASSERT_EQ(configure(settings), std::nullopt);
    for (const auto level : {Level::emerg, Level::notice, Level::debug, Level::trace}) {
        write(level, Subsystem::main, "100%s");
    }
    std::vector<int> priorities;
    for (const auto& call : syslog_calls)
        priorities.push_back(call.priority);
    EXPECT_THAT(priorities, ElementsAre(LOG_LOCAL3 | LOG_EMERG, LOG_LOCAL3 | LOG_NOTICE, LOG_LOCAL3 | LOG_INFO,
                                        LOG_LOCAL3 | LOG_INFO));
    EXPECT_EQ(syslog_calls[0].text, " [MAIN  ] 100%s");
}

TEST_F(Log, SubsystemsMayShareAFile) {
    Settings settings = to_file("shared");
    settings.of(Subsystem::cpg).logfile = path("own");
    ASSERT_EQ(configure(settings), std::nullopt);
    write(Level::info, Subsystem::main, "a");
    write(Level::info, Subsystem::totem, "b");
    write(Level::info, Subsystem::cpg, "c");
    EXPECT_EQ(lines("shared").size(), 2U);
    EXPECT_THAT(lines("own"), ElementsAre(EndsWith("[CPG   ] c")));
}

TEST_F(Log, KeepsTheOldSettingsWhenAFileCannotBeOpened) {
    ASSERT_EQ(configure(to_file()), std::nullopt);
    Settings broken = to_file();
    broken.of(Subsystem::cpg).logfile = "/nonexistent/x";
    EXPECT_EQ(configure(broken), "Can't open logfile '/nonexistent/x' for reason: No such file or directory (2)");
    write(Level::info, Subsystem::main, "still here");
    EXPECT_EQ(lines().size(), 1U);
}

TEST_F(Log, ReopensAfterRotation) {
    ASSERT_EQ(configure(to_file()), std::nullopt);
    write(Level::info, Subsystem::main, "old");
    std::filesystem::rename(path("log"), path("log.1"));
    write(Level::info, Subsystem::main, "still old");
    ASSERT_EQ(reopen(), std::nullopt);
    write(Level::info, Subsystem::main, "new");
    EXPECT_EQ(lines("log.1").size(), 2U);
    EXPECT_THAT(lines("log"), ElementsAre(EndsWith("new")));
}

TEST_F(Log, ReopenTellsOfFailureAndGoesOn) {
    ASSERT_EQ(configure(to_file()), std::nullopt);
    std::filesystem::rename(folder_, folder_ + ".gone");
    EXPECT_THAT(reopen().value_or(""), StartsWith("Can't open logfile '"));
    write(Level::info, Subsystem::main, "kept");
    std::filesystem::rename(folder_ + ".gone", folder_);
    EXPECT_THAT(lines(), ElementsAre(EndsWith("kept")));
}

TEST_F(Log, RemovesTrailingNewlinesAndKeepsBraces) {
    ASSERT_EQ(configure(to_file()), std::nullopt);
    write_text(Level::info, Subsystem::main, "two {} %s\n\n");
    write(Level::info, Subsystem::main, "{}", "{x}");
    EXPECT_THAT(lines(), ElementsAre(EndsWith("] two {} %s"), EndsWith("] {x}")));
}

TEST_F(Log, KnowsWhereItWasCalled) {
    Settings settings = to_file();
    settings.fileline = settings.function_name = true;
    ASSERT_EQ(configure(settings), std::nullopt);
    const unsigned line = __LINE__ + 1;
    write(Level::info, Subsystem::main, "here");
    EXPECT_THAT(lines(), ElementsAre(EndsWith("] log_test.cpp:TestBody:" + std::to_string(line) + " here")));
}

TEST_F(Log, SinkTakesTagsAsTheEngineWritesThem) {
    ASSERT_EQ(configure(to_file()), std::nullopt);
    sink().write(LogLevel::info, "QUORUM", "members");
    sink().write(LogLevel::info, "NONE", "unknown tag");
    EXPECT_THAT(lines(), ElementsAre(EndsWith("[QUORUM] members"), EndsWith("[MAIN  ] unknown tag")));
}

TEST_F(Log, ThreadWritesEverythingInOrderBeforeItStops) {
    ASSERT_EQ(configure(to_file()), std::nullopt);
    start_thread();
    for (int i = 0; i < 1000; ++i)
        write(Level::info, Subsystem::main, "line {}", i);
    stop_thread();
    const auto written = lines();
    ASSERT_EQ(written.size(), 1000U);
    for (int i = 0; i < 1000; ++i)
        EXPECT_THAT(written[i], EndsWith("] line " + std::to_string(i)));
    EXPECT_EQ(dropped(), 0U);
    write(Level::info, Subsystem::main, "and on");
    EXPECT_EQ(lines().size(), 1001U);
}

TEST_F(Log, ThreadStartsWithItsHook) {
    std::promise<std::thread::id> started;
    start_thread([&] { started.set_value(std::this_thread::get_id()); });
    EXPECT_NE(started.get_future().get(), std::this_thread::get_id());
}

TEST_F(Log, AWriterThatHangsDropsAndCountsButNeverBlocks) {
    // A pipe nobody reads stands for a disk that hangs.
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    Settings settings = quiet();
    for (auto& subsystem : settings.subsystems) {
        subsystem.to_logfile = true;
        subsystem.logfile = "/proc/self/fd/" + std::to_string(ends[1]);
    }
    ASSERT_EQ(configure(settings), std::nullopt);
    const std::uint64_t before = dropped();
    start_thread();
    const std::string filler(100, 'x');
    for (int i = 0; i < 20000; ++i)
        write(Level::info, Subsystem::main, "{}", filler);
    EXPECT_GT(dropped(), before);
    std::thread reader([&] {
        char block[65536];
        while (read(ends[0], block, sizeof block) > 0) {
        }
    });
    stop_thread();
    ASSERT_EQ(configure({}), std::nullopt);
    close(ends[1]);
    reader.join();
    close(ends[0]);
}

TEST_F(Log, ManyThreadsMayWriteWhileItIsReconfigured) {
    ASSERT_EQ(configure(to_file()), std::nullopt);
    start_thread();
    std::vector<std::thread> writers;
    for (int t = 0; t < 4; ++t) {
        writers.emplace_back([] {
            for (int i = 0; i < 500; ++i)
                write(Level::info, Subsystem::cpg, "x");
        });
    }
    for (int i = 0; i < 20; ++i)
        ASSERT_EQ(configure(to_file()), std::nullopt);
    for (auto& writer : writers)
        writer.join();
    stop_thread();
    EXPECT_EQ(lines().size(), 2000U);  // fewer than the queue holds
}

}  // namespace
}  // namespace engine::log
