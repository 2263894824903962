// Messages and exit codes of configurations that are refused: spec corosync-conf.md sections 1, 10, 14.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/main/process.hpp"

namespace engine {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::StartsWith;

// Refused after logging was configured: the message, and the last line with the exit code.
void expect_refused(const Finished& result, int exit_code, const std::string& text) {
    EXPECT_EQ(result.exit_code, exit_code);
    EXPECT_THAT(result.err, HasSubstr("error   [MAIN  ] " + text + "\n"));
    EXPECT_THAT(result.err, ContainsRegex("error   \\[MAIN  \\] Corosync Cluster Engine exiting with status " +
                                          std::to_string(exit_code) + " at startup.cpp:[0-9]+\\.\n$"));
}

class Configuration : public testing::Test {
protected:
    Scene scene;
};

TEST_F(Configuration, GoodOnePassesTheTest) {
    const auto result = scene.test(scene.good());
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(result.err, "notice  [MAIN  ] Corosync Cluster Engine exiting normally\n");
}

TEST_F(Configuration, MissingFile) {
    const auto result = run_totemd({"-t", "-c", "/nonexistent"});
    EXPECT_EQ(result.exit_code, 8);
    EXPECT_EQ(result.err, "Can't read file /nonexistent: No such file or directory\n");
}

TEST_F(Configuration, BrokenGrammar) {
    const auto result = scene.test("totem {\n version: 2\n token: 1x\n}\n");
    EXPECT_EQ(result.exit_code, 8);
    EXPECT_EQ(result.err, "parser error: " + scene.path("corosync.conf") +
                              ":3: Value of key \"totem.token\" is expected to be integer in range (0..4294967295), "
                              "but \"1x\" was given\n");
}

TEST_F(Configuration, BrokenUidgidFile) {
    std::filesystem::create_directory(scene.path("uidgid.d"));
    scene.write("uidgid.d/a", "totem {\n}\n");
    const auto result = scene.test(scene.good());
    EXPECT_EQ(result.exit_code, 8);
    EXPECT_THAT(result.err, HasSubstr("uidgid: Can't add subsection different than uidgid"));
}

TEST_F(Configuration, BrokenLogging) {
    const auto result = scene.test(scene.good() + "logging {\ndebug: maybe\n}\n");
    EXPECT_EQ(result.exit_code, 7);
    EXPECT_EQ(result.err, "parse error in config: unknown value for debug.\n");
}

TEST_F(Configuration, LogfileThatCannotBeOpened) {
    const auto result = scene.test(scene.good() + "logging {\nto_logfile: yes\nlogfile: /nonexistent/log\n}\n");
    EXPECT_EQ(result.exit_code, 7);
    EXPECT_EQ(result.err,
              "parse error in config: Can't open logfile '/nonexistent/log' for reason: No such file or directory "
              "(2).\n");
}

TEST_F(Configuration, AddressOfAnotherHost) {
    const auto result =
        scene.test(scene.good_totem() + "nodelist {\nnode {\nnodeid: 1\nring0_addr: 203.0.113.77\n}\n}\n" +
                   scene.environment_sections());
    expect_refused(result, 8, "parse error in config: No valid name found for local host");
}

TEST_F(Configuration, MissingNodelist) {
    expect_refused(scene.test(scene.good_totem() + scene.environment_sections()), 8,
                   "parse error in config: No interfaces defined");
}

TEST_F(Configuration, KeyFileTooShort) {
    scene.write("key", std::string(100, 'k'));
    const auto result = scene.test(scene.good() + "totem {\nsecauth: on\nkeyfile: " + scene.path("key") + "\n}\n");
    expect_refused(result, 8, "Could only read 800 bits of minimum 1024 bits from " + scene.path("key") + ".");
}

TEST_F(Configuration, KeyFileMissing) {
    const auto result = scene.test(scene.good() + "totem {\nsecauth: on\nkeyfile: /nonexistent\n}\n");
    expect_refused(result, 8, "Could not open /nonexistent: No such file or directory");
}

TEST_F(Configuration, CryptoIn3x) {
    scene.write("key", std::string(128, 'k'));
    const auto result = scene.test(scene.good() + "totem {\nsecauth: on\nkeyfile: " + scene.path("key") + "\n}\n");
    expect_refused(result, 8,
                   "parse error in config: crypto_cipher & crypto_hash are only valid for the Knet transport.");
}

TEST_F(Configuration, Knet) {
    const auto result =
        scene.test("totem {\nversion: 2\ntransport: knet\n}\n" + scene.good_nodelist() + scene.environment_sections());
    expect_refused(result, 8,
                   "totemd speaks transport udp and udpu, not knet: set 'transport: udpu' (or udp) in the totem "
                   "section of every node.");
}

TEST_F(Configuration, Validation) {
    expect_refused(scene.test(scene.good() + "totem {\ntoken: 10\n}\n"), 8,
                   "parse error in config: The token timeout parameter (10 ms) may not be less than (30 ms).");
}

TEST_F(Configuration, WarningsComeBeforeTheError) {
    const auto result = scene.test(scene.good() + "totem {\nnodeid: 5\ntoken: 10\n}\n");
    EXPECT_THAT(result.err, StartsWith("warning [MAIN  ] nodeid in totem section is deprecated and ignored."));
    EXPECT_EQ(result.exit_code, 8);
}

TEST_F(Configuration, MissingStateDirectory) {
    const auto result =
        scene.test(scene.good_totem() + scene.good_nodelist() +
                   "system {\nstate_dir: /nonexistent\n}\nlogging {\nto_syslog: no\ntimestamp: off\n}\n");
    expect_refused(result, 16, "Cannot chdir to state directory /nonexistent. No such file or directory");
}

TEST_F(Configuration, StateDirectoryOfSystemd) {
    const std::string config =
        scene.good_totem() + scene.good_nodelist() + "logging {\nto_syslog: no\ntimestamp: off\n}\n";
    EXPECT_EQ(scene.test(config, {{"STATE_DIRECTORY", scene.path("state")}}).exit_code, 0);
    EXPECT_EQ(scene.test(config, {{"STATE_DIRECTORY", "/nonexistent"}}).exit_code, 16);
}

class Configuration2x : public Configuration {
protected:
    std::string good_2x() const {
        return "totem {\nversion: 2\ndialect: 2.x\ncluster_name: test\nsecauth: off\ntransport: udpu\n}\n" +
               Scene::good_nodelist() + "logging {\nto_syslog: no\n}\n";
    }
    Environment state() const { return {{"COROSYNC_RUN_DIR", scene.path("state")}}; }
};

TEST_F(Configuration2x, GoodOnePassesTheTest) {
    const auto result = scene.test(good_2x(), state());
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(result.err, "notice  [MAIN  ] Corosync Cluster Engine exiting normally\n");
}

TEST_F(Configuration2x, ErrorsHaveItsForm) {
    const auto result = scene.test(good_2x() + "}\n", state());
    EXPECT_EQ(result.exit_code, 8);
    EXPECT_EQ(result.err, "parser error: Unexpected closing brace\n");
}

TEST_F(Configuration2x, MissingStateDirectory) {
    expect_refused(scene.test(good_2x(), {{"COROSYNC_RUN_DIR", "/nonexistent"}}), 16,
                   "Required directory not present /nonexistent.  Please create it.");
    scene.write("file", "");
    expect_refused(scene.test(good_2x(), {{"COROSYNC_RUN_DIR", scene.path("file")}}), 16,
                   "Cannot chdir to run directory " + scene.path("file") +
                       ".  Please make sure it has correct context and rights.");
}

TEST_F(Configuration2x, ProtectionIsOnUnlessSwitchedOff) {
    scene.write("key", std::string(128, 'k'));
    std::string config = good_2x();
    config.erase(config.find("secauth: off\n"), std::string("secauth: off\n").size());
    const std::string key = "totem {\nkeyfile: " + scene.path("key") + "\n}\n";
    const auto result = scene.test(config + key, state());
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.err, HasSubstr("can be read by others than its owner"));
    scene.write("key", "too short");
    expect_refused(scene.test(config + key, state()), 8,
                   "Could only read 72 bits of 1024 bits from " + scene.path("key") + ".");
}

TEST_F(Configuration2x, KeyFileNamedByTheEnvironment) {
    scene.write("key", std::string(100, 'k'));
    auto environment = state();
    environment["COROSYNC_TOTEM_AUTHKEY_FILE"] = scene.path("key");
    expect_refused(scene.test(good_2x() + "totem {\nsecauth: on\n}\n", environment), 8,
                   "Could only read 800 bits of 1024 bits from " + scene.path("key") + ".");
}

TEST_F(Configuration2x, FileNamedByTheEnvironment) {
    scene.write("corosync.conf", good_2x());
    auto environment = state();
    environment["COROSYNC_MAIN_CONFIG_FILE"] = scene.path("corosync.conf");
    EXPECT_EQ(run_totemd({"-t"}, environment).exit_code, 0);
    environment["COROSYNC_MAIN_CONFIG_FILE"] = "/nonexistent/variable";
    EXPECT_THAT(run_totemd({"-t"}, environment).err, HasSubstr("/nonexistent/variable"));
    // -c is stronger.
    EXPECT_EQ(run_totemd({"-t", "-c", scene.path("corosync.conf")}, environment).exit_code, 0);
}

}  // namespace
}  // namespace engine
