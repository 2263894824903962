// logging { }: spec corosync-conf.md section 8.

#include "engine/config/logging.hpp"

#include "tests/config/support.hpp"

namespace engine::config {
namespace {

using log::Debug;
using log::Level;
using log::Subsystem;
using log::Timestamp;
using totem::Dialect;

struct Logging {
    log::Settings settings;
    std::vector<std::string> warnings;
    std::string error;
    int exit_code = 0;
};

Logging logging(std::initializer_list<std::string> statements, Dialect dialect = Dialect::v3) {
    const auto outcome = read(section("logging", statements));
    EXPECT_EQ(outcome.error, "");
    Logging result;
    try {
        result.settings = logging_settings(outcome.map, dialect, result.warnings);
    } catch (const Error& error) {
        result.error = error.what();
        result.exit_code = error.exit_code();
    }
    return result;
}

TEST(LoggingConfig, Defaults) {
    const auto v3 = logging({}).settings;
    EXPECT_EQ(v3.timestamp, Timestamp::hires);
    EXPECT_FALSE(v3.fileline);
    EXPECT_FALSE(v3.function_name);
    const auto& main = v3.of(Subsystem::main);
    EXPECT_TRUE(main.to_stderr);
    EXPECT_TRUE(main.to_syslog);
    EXPECT_FALSE(main.to_logfile);
    EXPECT_EQ(main.logfile_priority, Level::info);
    EXPECT_EQ(main.syslog_priority, Level::info);
    EXPECT_EQ(main.syslog_facility, LOG_DAEMON);
    EXPECT_EQ(main.debug, Debug::off);
    EXPECT_EQ(logging({}, Dialect::v2).settings.timestamp, Timestamp::off);
}

TEST(LoggingConfig, TopLevelIsForAllSubsystems) {
    const auto settings = logging({"timestamp: on", "fileline: on", "function_name: on", "to_stderr: no",
                                   "to_syslog: off", "to_logfile: on", "logfile: /x", "logfile_priority: WARNING",
                                   "syslog_priority: err", "syslog_facility: local3", "debug: trace"})
                              .settings;
    EXPECT_EQ(settings.timestamp, Timestamp::on);
    EXPECT_TRUE(settings.fileline);
    EXPECT_TRUE(settings.function_name);
    for (const auto& subsystem : settings.subsystems) {
        EXPECT_FALSE(subsystem.to_stderr);
        EXPECT_FALSE(subsystem.to_syslog);
        EXPECT_TRUE(subsystem.to_logfile);
        EXPECT_EQ(subsystem.logfile, "/x");
        EXPECT_EQ(subsystem.logfile_priority, Level::warning);
        EXPECT_EQ(subsystem.syslog_priority, Level::error);
        EXPECT_EQ(subsystem.syslog_facility, LOG_LOCAL3);
        EXPECT_EQ(subsystem.debug, Debug::trace);
    }
}

TEST(LoggingConfig, SubsystemsOverrideWhatTheyGive) {
    const auto settings = logging({"to_syslog: no", "logger_subsys {", "subsys: TOTEM", "debug: on", "}"}).settings;
    EXPECT_EQ(settings.of(Subsystem::totem).debug, Debug::on);
    EXPECT_FALSE(settings.of(Subsystem::totem).to_syslog);
    EXPECT_EQ(settings.of(Subsystem::main).debug, Debug::off);
}

TEST(LoggingConfig, ObsoleteNamesWork) {
    const auto settings = logging({"to_file: yes", "logfile: /x", "syslog_level: crit"}).settings;
    EXPECT_TRUE(settings.of(Subsystem::cpg).to_logfile);
    EXPECT_EQ(settings.of(Subsystem::cpg).syslog_priority, Level::crit);
}

struct Refused {
    std::string statement, text;
};
class LoggingErrors : public testing::TestWithParam<Refused> {};

TEST_P(LoggingErrors, AreUpstreamsWithExitCode7) {
    const auto top = logging({GetParam().statement});
    EXPECT_EQ(top.error, "parse error in config: " + GetParam().text + ".");
    EXPECT_EQ(top.exit_code, 7);
}

INSTANTIATE_TEST_SUITE_P(Texts, LoggingErrors,
                         testing::Values(Refused{"debug: ON", "unknown value for debug"},
                                         Refused{"timestamp: x", "unknown value for timestamp"},
                                         Refused{"fileline: x", "unknown value for fileline"},
                                         Refused{"function_name: yes", "unknown value for function_name"},
                                         Refused{"blackbox: x", "unknown value for blackbox"},
                                         Refused{"to_stderr: x", "unknown value for to_stderr"},
                                         Refused{"to_syslog: x", "unknown value for to_syslog"},
                                         Refused{"to_logfile: x", "unknown value for to_logfile"},
                                         Refused{"syslog_facility: x", "unknown syslog facility specified"},
                                         Refused{"syslog_priority: x", "unknown syslog priority specified"},
                                         Refused{"syslog_level: x", "unknown syslog level specified"},
                                         Refused{"logfile_priority: x", "unknown logfile priority specified"}));

TEST(LoggingConfig, SubsystemErrors) {
    EXPECT_EQ(logging({"logger_subsys {", "subsys: CPG", "debug: x", "}"}).error,
              "parse error in config: unknown value for debug.");
    EXPECT_EQ(logging({"timestamp: hires"}).error, "");
}

TEST(LoggingConfig, HiresIsUnknownTo2x) {
    EXPECT_EQ(logging({"timestamp: hires"}, Dialect::v2).error, "parse error in config: unknown value for timestamp.");
}

TEST(LoggingConfig, WarnsAboutWhatCannotWork) {
    EXPECT_THAT(logging({"to_logfile: yes"}).warnings, testing::ElementsAre(testing::HasSubstr("no logfile is set")));
    EXPECT_THAT(logging({"logger_subsys {", "subsys: FOO", "debug: on", "}"}).warnings,
                testing::ElementsAre(testing::HasSubstr("no subsystem FOO")));
}

}  // namespace
}  // namespace engine::config
