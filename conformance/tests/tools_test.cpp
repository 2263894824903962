// Our administration programs against Debian's: every command line with both, standard output, standard error and exit
// code compared byte by byte. Ours run under the name of the original, because the texts contain it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>
#include <regex>

#include "conformance/tests/support.hpp"

namespace conformance {
namespace {

using Words = std::vector<std::string>;

std::string our_program(const std::string& tool) {
    return lab::beside_us("totem-" + tool).string();
}

// All differences that are allowed: applied to both results before they are compared.
struct Allowed {
    const char* tool;
    const char* pattern;
    const char* replacement;
    const char* reason;
};
constexpr Allowed allowed[] = {
    {"quorumtool", "Date:             .*", "Date", "the two run one after the other"},
    {"quorumtool", "(version: ).*", "$1VERSION", "each names its own version"},
    {"keygen", " \\[-n\\]|     -n / --next[^]*?(?=     -l /)|\nA key works with[^]*?first 128 bytes\\.\n", "",
     "ours makes the next key, too, and says what keys are good for"},
};

std::string normal(const std::string& tool, std::string text) {
    for (const Allowed& difference : allowed) {
        if (tool != difference.tool) continue;
        text = std::regex_replace(text, std::regex(difference.pattern), difference.replacement);
    }
    return text;
}

class ToolsTest : public RingTest, public testing::WithParamInterface<const char*> {
protected:
    void start(bool daemons = true) {
        lab::Plan plan;
        plan.transport = Transport::udpu;
        set_up(GetParam(), plan, daemons);
    }

    lab::Finished run_one(unsigned node, const std::string& program, const std::string& name, const Words& words) {
        Words command = {"bash", "-c", R"(exec -a "$0" "$@" < /dev/null)", name, program};
        command.insert(command.end(), words.begin(), words.end());
        return laboratory().run(node, command);
    }

    // Runs `prepare` before each of the two.
    void compare(const std::string& tool, const Words& words, const std::function<void()>& prepare = {},
                 unsigned node = 1) {
        const std::string original = "corosync-" + tool;
        SCOPED_TRACE(fmt::format("node {}: {} {}", node, original, fmt::join(words, " ")));
        if (prepare) prepare();
        const auto theirs = run_one(node, "/usr/sbin/" + original, original, words);
        if (prepare) prepare();
        const auto ours = run_one(node, our_program(tool), original, words);
        EXPECT_EQ(normal(tool, ours.out), normal(tool, theirs.out));
        EXPECT_EQ(ours.err, theirs.err);
        EXPECT_EQ(ours.status, theirs.status);
        ++compared_;
    }

    // Words separated by blanks.
    void compare_all(const std::string& tool, const std::vector<std::string>& lines, unsigned node = 1) {
        for (const std::string& line : lines) {
            Words words;
            std::istringstream stream(line);
            for (std::string word; stream >> word;)
                words.push_back(word);
            compare(tool, words, {}, node);
        }
    }

    nlohmann::json json_of(const std::string& tool, Words words, unsigned node = 1) {
        words.insert(words.begin(), "--json");
        const auto result = run_one(node, our_program(tool), "totem-" + tool, words);
        EXPECT_EQ(result.status, 0) << result.err;
        return nlohmann::json::parse(result.out, nullptr, false);
    }

    // A file of node 1, the same path inside and outside.
    std::string file(const std::string& name) { return (laboratory().node_directory(1) / name).string(); }

    void shell(const std::string& script) {
        laboratory().run(1, {"sh", "-c", "cd " + laboratory().node_directory(1).string() + " && " + script});
    }

    void set_key(const std::string& key, const std::string& type, const std::string& value) {
        const auto result = laboratory().run(1, {"corosync-cmapctl", "-s", key, type, "--", value});
        EXPECT_EQ(result.status, 0) << result.err;
    }

    unsigned compared_ = 0;
};

const std::vector<std::string> cfgtool_lines = {"",
                                                "-s",
                                                "-s -b",
                                                "-b -s",
                                                "-b",
                                                "-n",
                                                "-i 0 -s",
                                                "-i 7 -s",
                                                "-s foo",
                                                "foo",
                                                "-s -n",
                                                "-n -s",
                                                "-k 0",
                                                "-k x",
                                                "-k",
                                                "-k 99",
                                                "-k 2x",
                                                "-k -1",
                                                "-a 1",
                                                "-a 2",
                                                "-a 99",
                                                "-a x",
                                                "-a 0",
                                                "-a",
                                                "-a 1 -s",
                                                "-h",
                                                "-h -x",
                                                "-h -s",
                                                "-s -h",
                                                "-x",
                                                "-r",
                                                "-s -r",
                                                "--force",
                                                "--status",
                                                "--nod",
                                                "--s",
                                                "--bogus",
                                                "--kill",
                                                "--kill=7",
                                                "--status=1",
                                                "-a 1 -b",
                                                "-k 5 -a 2",
                                                "-k 5 -k 0",
                                                "-V",
                                                "-a 4294967295",
                                                "-a 4294967296"};

const std::vector<std::string> quorumtool_lines = {
    "",      "-s",      "-l",      "-p",      "-l -p",   "-i",    "-a",    "-l -a -i",   "-H",    "-siH",
    "-l -H", "-l -o n", "-l -o i", "-l -o a", "-l -o x", "-o",    "-e 0",  "-e x",       "-e 2x", "-e",
    "-e -5", "-v -1",   "-v x",    "-n 0",    "-n 2",    "-n x",  "-v 1",  "-v 1 -n 99", "-f",    "-V",
    "foo",   "-l -s",   "-s -l",   "-h",      "-h -s",   "-s -h", "-V -s", "-x",         "-h -x", "-e 99999999999",
    "-e 2",  "--bogus"};

const std::vector<std::string> cmapctl_lines = {"-h",
                                                "-h -x",
                                                "-x",
                                                "-g",
                                                "-s",
                                                "-d",
                                                "-D",
                                                "-t",
                                                "-T",
                                                "-p",
                                                "-m",
                                                "-C",
                                                "-m foo",
                                                "-C foo",
                                                "-g nope.no",
                                                "-d nope.no",
                                                "-D nope.no",
                                                "nope.no",
                                                "-s a b",
                                                "-s a u8 1",
                                                "-s b@d u8 1",
                                                "-s t.x foo 1",
                                                "totem.",
                                                "nodelist.",
                                                "quorum.",
                                                "nope totem.",
                                                "totem. nope",
                                                "-q totem.v",
                                                "-g totem.version",
                                                "-q -g totem.version",
                                                "-g totem.version nope.no nodelist.node.0.nodeid",
                                                "-m icmap totem.version",
                                                "-m default totem.version",
                                                "-s totem.version u32 3",
                                                "-d totem.version",
                                                "-D totem.version",
                                                "-p /nonexistent/file",
                                                "-s t.u8 u8 x",
                                                "-s t.u8 u8 256",
                                                "-s t.i8 i8 128",
                                                "-s t.u16 u16 65536",
                                                "-s t.i16 i16 x",
                                                "-s t.i32 i32 2147483648",
                                                "-s t.u32 u32 4294967296",
                                                "-s t.u64 u64 x",
                                                "-s t.flt flt x",
                                                "-s t.dbl dbl x",
                                                "-s t.bin bin /nonexistent",
                                                "-s t.i8 i8 -1",
                                                "-t nope.no",
                                                "-T nope.",
                                                "--bogus",
                                                "-g -s a b c",
                                                "-d -g totem.version",
                                                "-m stats nope"};

TEST_P(ToolsTest, CfgtoolPrintsWhatTheOriginalPrints) {
    start();
    if (!ready()) return;
    compare_all("cfgtool", cfgtool_lines);
    for (const unsigned node : {2U, 3U})
        compare_all("cfgtool", {"-s", "-sb", "-n"}, node);
    compare_all("cfgtool", {"-R", "-L"});
    laboratory().kill(3);
    laboratory().wait_ring({1, 2});
    compare_all("cfgtool", {"-s", "-sb", "-n", "-k 3", "-a 3"});
    const auto status = json_of("cfgtool", {"-s"});
    EXPECT_EQ(status["local_nodeid"], 1);
    EXPECT_EQ(status["transport"], "udpu");
    EXPECT_EQ(status["nodes"].size(), 3U);
}

TEST_P(ToolsTest, CfgtoolEndsTheDaemon) {
    start();
    if (!ready()) return;
    // The command returns before the daemon has ended.
    const auto restart = [this] {
        if (laboratory().running(1)) {
            try {
                laboratory().stop(1);
            } catch (const lab::LabError&) {
                ASSERT_FALSE(laboratory().running(1));  // it ended in between
            }
        }
        laboratory().start(1);
        laboratory().wait_ring({1, 2, 3});
    };
    compare("cfgtool", {"-H"}, restart);
    compare("cfgtool", {"-H", "--force"}, restart);
}

TEST_P(ToolsTest, QuorumtoolPrintsWhatTheOriginalPrints) {
    start();
    if (!ready()) return;
    compare_all("quorumtool", quorumtool_lines);
    compare_all("quorumtool", {"-s", "-l"}, 2);
    const auto votes = [this] { laboratory().run(1, {"corosync-quorumtool", "-v", "1"}); };
    compare("quorumtool", {"-v", "3"}, votes);
    compare_all("quorumtool", {"-s"});
    laboratory().kill({2, 3});
    laboratory().wait_ring({1});
    compare_all("quorumtool", {"-s", "-l", "-p", "-siH"});
    const auto picture = run_one(1, our_program("quorumtool"), "totem-quorumtool", {"--json"});
    EXPECT_EQ(picture.status, 0) << picture.err;
    const auto json = nlohmann::json::parse(picture.out, nullptr, false);
    ASSERT_TRUE(json.is_object()) << picture.out;
    EXPECT_EQ(json["provider"], "corosync_votequorum");
    EXPECT_EQ(json["nodes"][0]["votes"], 3);
}

TEST_P(ToolsTest, CmapctlPrintsWhatTheOriginalPrints) {
    start();
    if (!ready()) return;
    compare_all("cmapctl", cmapctl_lines);
    shell(R"(printf 'a\\b\001\377 z' > tools.bin)");
    const std::vector<std::pair<std::string, Words>> values = {
        {"i8", {"-128", "127", "0x10", " 3", "3x", ""}},
        {"u8", {"0", "255", "-1"}},
        {"i16", {"-32768", "32768"}},
        {"u16", {"65535", "-1"}},
        {"i32", {"-2147483648", "2147483647"}},
        {"u32", {"4294967295", "-1"}},
        {"i64", {"-1", "99999999999999999999", "3.7"}},
        {"u64", {"18446744073709551615", "-1", "99999999999999999999"}},
        {"flt", {"1.5e3", "-0.1", "1e39", "nan", "0x10"}},
        {"dbl", {"1e300", "-1.5x", "inf"}},
        {"str", {"a b", "x\\y", "\xc3\xa4", ""}},
        {"bin", {file("tools.bin")}}};
    for (const auto& [type, texts] : values) {
        const std::string key = "t.value_" + type;
        for (const std::string& text : texts) {
            compare("cmapctl", {"-s", key, type, "--", text});
            compare("cmapctl", {"-g", key});
            compare("cmapctl", {"-b", "-q", "-g", key});
        }
    }
    compare("cmapctl", {"t.", "-b"});
    shell(R"(printf '# c\n\nt.a1 u8 1\n  t.a2\tstr  hello world\nt.a3 u8\nt.a4\n' > tools.1)");
    shell(R"(printf 't.b1 u8 1\n^t.a1\n^nope.no\nt.b2 u8 2\n' > tools.2)");
    shell(R"(printf '^^t.b\n^^nope\nt.c1 str x#y\nt.c2 u9 1\nt.c3 u8 1\n' > tools.3)");
    const auto clean = [this] { laboratory().run(1, {"corosync-cmapctl", "-D", "t.a", "t.b", "t.c"}); };
    for (const char* name : {"tools.1", "tools.2", "tools.3"}) {
        compare("cmapctl", {"-p", file(name)}, clean);
        compare("cmapctl", {"t.a", "t.b", "t.c"});
    }
    const auto two = [this] {
        set_key("t.d1", "u8", "1");
        set_key("t.d2", "u8", "1");
    };
    compare("cmapctl", {"-d", "t.d1", "nope.no", "t.d2"}, two);
    compare("cmapctl", {"-D", "t.d"}, two);
    compare("cmapctl", {"t.d"});
    const auto json = json_of("cmapctl", {"-g", "totem.version", "t.value_str"});
    ASSERT_EQ(json.size(), 2U) << json.dump();
    EXPECT_EQ(json[0]["value"], 2);
    EXPECT_EQ(json[1]["type"], "str");
}

TEST_P(ToolsTest, CpgtoolPrintsWhatTheOriginalPrints) {
    start();
    if (!ready()) return;
    compare_all("cpgtool", {"", "-n"});
    start_flood(1, {"--group", "plain", "--members", "2", "--rate", "5"});
    start_flood(2, {"--group", "plain", "--members", "2", "--rate", "5"});
    start_flood(1, {"--group", "a b\\c\x01\xc3\xa4", "--rate", "5"});
    wait_for_floods();
    compare_all("cpgtool", {"", "-e", "-n", "-d ,", "-d ab", "-n -d ,", "-e -n -d ;", "-h", "-x", "-d", "foo"});
    const auto json = json_of("cpgtool", {});
    EXPECT_EQ(json["groups"].size(), 2U) << json.dump();
    finish_floods();
}

// Nobody answers: what is printed then, and what is found wrong before anybody is asked.
TEST_P(ToolsTest, WithoutADaemonTheMessagesAreTheSame) {
    start(false);
    if (!ready()) return;
    compare_all("cfgtool", {"", "-s", "-n", "-R", "-L", "-k 1", "-a 1", "-H", "-k 0", "-x"});
    compare_all("quorumtool", {"", "-l", "-m", "-e 2", "-e 0", "-v 1", "-f", "-V", "-h", "-o x"});
    compare_all("cmapctl",
                {"", "x", "-g x", "-d x", "-s a", "-s x u8 1", "-t x", "-C all", "-m stats", "-p /nope", "-g"});
    compare_all("cpgtool", {"", "-n", "-n -d ,", "-h"});
}

// Key files only ever in the node's directory: /tmp is the machine's.
TEST_P(ToolsTest, KeygenWritesWhatTheOriginalWrites) {
    start(false);
    if (!ready()) return;
    const auto remove = [this] { shell("rm -f key"); };
    const auto keep = [this] { shell("rm -f key; echo old > key"); };
    const std::vector<Words> lines = {{},
                                      {"-s", "128"},
                                      {"-s", "4096"},
                                      {"-s", "127"},
                                      {"-s", "4097"},
                                      {"-s", "x"},
                                      {"-s", "0x90"},
                                      {"-s", " 200"},
                                      {"-s", "-1"},
                                      {"-s"},
                                      {"-l"},
                                      {"-h"},
                                      {"-x"},
                                      {"--size=256", "--less-secure"},
                                      {"--bogus"},
                                      {"-r", "/dev/random"},
                                      {"-r", "/nonexistent"},
                                      {"-r", "/dev/zero"},
                                      {"foo"}};
    for (const Words& line : lines) {
        for (const auto& prepare : {std::function<void()>(remove), std::function<void()>(keep)}) {
            Words words = {"-k", file("key")};
            words.insert(words.end(), line.begin(), line.end());
            compare("keygen", words, prepare);
            const auto ours = laboratory().run(1, {"stat", "-c", "%a %s", file("key")});
            prepare();
            run_one(1, "/usr/sbin/corosync-keygen", "corosync-keygen", words);
            EXPECT_EQ(ours.out, laboratory().run(1, {"stat", "-c", "%a %s", file("key")}).out);
        }
    }
    compare("keygen", {"-k", "/nonexistent/key"});
    compare("keygen", {"-k"});
}

// A source that ends: the original asks for ever, ours says so and leaves the old key alone.
TEST_P(ToolsTest, KeygenGivesUpOnASourceThatEnds) {
    start(false);
    if (!ready()) return;
    shell("echo old > key");
    const auto result = run_one(1, our_program("keygen"), "totem-keygen", {"-k", file("key"), "-r", "/dev/null"});
    EXPECT_EQ(result.status, 1);
    EXPECT_NE(result.err.find("/dev/null ended after 0 of 256 bytes"), std::string::npos) << result.err;
    EXPECT_EQ(laboratory().run(1, {"cat", file("key")}).out, "old\n");
}

std::string mix_name(const testing::TestParamInfo<const char*>& mix) {
    return mix.param;
}

INSTANTIATE_TEST_SUITE_P(Corosync, ToolsTest, testing::Values("CCC"), mix_name);
// Until totemd serves cfg, cmap and votequorum; run with --gtest_also_run_disabled_tests.
INSTANTIATE_TEST_SUITE_P(Totemd, ToolsTest, testing::Values("TTT"), mix_name);

}  // namespace
}  // namespace conformance
