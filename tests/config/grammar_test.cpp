// Spec corosync-conf.md section 2.

#include "tests/config/support.hpp"

namespace engine::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string v2(const std::string& text) {
    return section("totem", {"dialect: 2.x"}) + text;
}

std::string letters(std::size_t count) {
    return std::string(count, 'a');
}

TEST(Grammar, KeepsUnknownSectionsAndKeysAsStrings) {
    const auto outcome = read("foo {\n bar: x\n baz {\n  deep: 1\n }\n}\ntop_level: here\n");
    EXPECT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.map.get_string("foo.bar"), "x");
    EXPECT_EQ(outcome.map.get_string("foo.baz.deep"), "1");
    EXPECT_EQ(outcome.map.get_string("top_level"), "here");
}

TEST(Grammar, TrimsBlanksTabsAndCarriageReturns) {
    const auto outcome = read("\t totem{\r\n\tcluster_name\t:\t a b \t\r\n  }\t\n");
    EXPECT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.map.get_string("totem.cluster_name"), "a b");
}

TEST(Grammar, IgnoresCommentsAndEmptyLinesButKeepsHashInValues) {
    const auto outcome = read("# a { b: c }\n\n   # also\nfoo {\n bar: x # y\n}\n");
    EXPECT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.map.get_string("foo.bar"), "x # y");
    EXPECT_EQ(outcome.map.size(), 1U);
}

TEST(Grammar, ValuesMayBeEmptyAndHoldColons) {
    const auto outcome = read("foo {\n bar:\n addr: fd00::1\n name:: {\n  x: y\n }\n}\n");
    EXPECT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.map.get_string("foo.bar"), "");
    EXPECT_EQ(outcome.map.get_string("foo.addr"), "fd00::1");
    EXPECT_EQ(outcome.map.get_string("foo.name.x"), "y");
}

TEST(Grammar, RepeatedSectionsMergeAndLaterItemsWin) {
    const auto outcome = read("totem {\n token: 1\n join: 2\n}\ntotem {\n token: 3\n}\n");
    EXPECT_EQ(u32(outcome.map, "totem.token"), 3U);
    EXPECT_EQ(u32(outcome.map, "totem.join"), 2U);
}

TEST(Grammar, LastLineNeedsNoLineFeed) {
    EXPECT_EQ(read_error("foo {\n bar: x\n}"), "");
}

struct Case {
    std::string text;
    std::string v3_error;
    std::string v2_error;  // "": accepted
};

class GrammarErrors : public testing::TestWithParam<Case> {};

TEST_P(GrammarErrors, AreThoseOf3x) {
    EXPECT_EQ(read_error(GetParam().text), GetParam().v3_error);
    EXPECT_EQ(read(GetParam().text).exit_code, 8);
}

TEST_P(GrammarErrors, AreThoseOf2x) {
    EXPECT_EQ(read_error(v2(GetParam().text)), GetParam().v2_error);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, GrammarErrors,
    testing::Values(
        Case{"#" + letters(510) + "\n", "parser error: t.conf:1: Line too long", "parser error: Line too long"},
        Case{"totem {\n}\n {\n}\n", "parser error: t.conf:3: Missing section name before opening bracket '{'", ""},
        Case{"foo { bar: x\n}\n", "parser error: t.conf:1: Extra characters after opening bracket '{'", ""},
        Case{"foo {\n} x\n", "parser error: t.conf:2: Extra characters before or after closing bracket '}'", ""},
        Case{"foo {\nx }\n", "parser error: t.conf:2: Extra characters before or after closing bracket '}'", ""},
        Case{"garbage\n", "parser error: t.conf:1: Line is not opening or closing section or key value", ""},
        Case{"}\n", "parser error: t.conf:1: Unexpected closing brace", "parser error: Unexpected closing brace"},
        Case{"foo {\n bar {\n}\n", "parser error: t.conf:3: Missing closing brace",
             "parser error: Missing closing brace"},
        Case{letters(254) + " {\n}\n", "parser error: t.conf:1: Start of section makes total cmap path too long",
             "parser error: Start of section makes total cmap path too long"},
        Case{"totem {\n" + letters(249) + ": x\n}\n", "parser error: t.conf:2: New key makes total cmap path too long",
             "parser error: New key makes total cmap path too long"},
        Case{"totem {\n : x\n}\n", "parser error: t.conf:2: Key name can't be empty", ""},
        Case{"totem {\n token: 1x\n}\n",
             "parser error: t.conf:2: Value of key \"totem.token\" is expected to be integer in range "
             "(0..4294967295), but \"1x\" was given",
             "Value of key \"token\" is expected to be integer in range (0..4294967295), but \"1x\" was given"},
        Case{"totem {\n ab cd: x\n}\n",
             "parser error: t.conf:2: Can't store key \"totem.ab cd\" into icmap, returned error is "
             "CS_ERR_NAME_TOO_LONG",
             "Can't store key \"totem.ab cd\" into icmap, returned error is CS_ERR_NAME_TOO_LONG"}));

TEST(Grammar, LongestLineAndPathsAreAccepted) {
    EXPECT_EQ(read_error("#" + letters(509) + "\n"), "");
    EXPECT_EQ(read_error("totem {\n" + letters(248) + ": x\n}\n"), "");
    EXPECT_EQ(read_error(letters(253) + " {\n}\n"), "");
}

TEST(Grammar, What2xSkipsIsWarnedAbout) {
    EXPECT_THAT(read(v2("garbage\n")).warnings,
                ElementsAre("t.conf:4: Line is not opening or closing section or key value, ignored."));
    EXPECT_THAT(read(v2("foo { bar\n} x\n")).warnings, ElementsAre(HasSubstr("Extra characters after opening"),
                                                                   HasSubstr("Extra characters before or after")));
}

TEST(Grammar, FileThatCannotBeOpened) {
    try {
        read_file("/nonexistent", totem::Dialect::v3);
        FAIL();
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "Can't read file /nonexistent: No such file or directory");
        EXPECT_EQ(error.exit_code(), 8);
    }
    try {
        read_file("/nonexistent", totem::Dialect::v2);
        FAIL();
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "Can't read file /nonexistent reason = (No such file or directory)");
    }
    EXPECT_THROW(read_file("/tmp", totem::Dialect::v3), Error);
}

TEST(Grammar, NoInputCrashesIt) {
    const std::string alphabet = "a:{}\n #\r\t\xff";
    std::uint32_t state = 1;
    for (int round = 0; round < 2000; ++round) {
        std::string text;
        for (int i = 0; i < 60; ++i) {
            state = state * 1664525U + 1013904223U;
            text += alphabet[(state >> 16U) % alphabet.size()];
        }
        for (const std::string& whole : {text, v2(text)}) {
            const auto outcome = read(whole);
            EXPECT_TRUE(outcome.error.empty() || outcome.exit_code == 8) << whole;
        }
    }
}

}  // namespace
}  // namespace engine::config
