#include "tools/cmapctl/value.hpp"

#include <gtest/gtest.h>

namespace tools::cmapctl {
namespace {

// What a value typed in is shown as, or what is wrong with it.
std::string shown(const char* type, const std::string& text, const Style& style = {}) {
    std::string error;
    const auto value = parse_value(*type_named(type), text, error);
    return value ? line_of("k", *value, style) : error;
}

TEST(Values, AreShownAsTyped) {
    EXPECT_EQ(shown("i8", "-128"), "k (i8) = -128\n");
    EXPECT_EQ(shown("u32", "4294967295"), "k (u32) = 4294967295\n");
    EXPECT_EQ(shown("i64", "99999999999999999999"), "k (i64) = 9223372036854775807\n");
    EXPECT_EQ(shown("u64", "18446744073709551615"), "k (u64) = 18446744073709551615\n");
    EXPECT_EQ(shown("flt", "1.5e3"), "k (flt) = 1500.000000\n");
    EXPECT_EQ(shown("dbl", "nan"), "k (dbl) = nan\n");
    EXPECT_EQ(shown("str", "a b"), "k (str) = a b\n");
    EXPECT_EQ(shown("str", "a b", {.quiet = true}), "a b\n");
    EXPECT_EQ(shown("i8", "3x"), "k (i8) = 3\n");
}

TEST(Values, AreRefused) {
    EXPECT_EQ(shown("u8", "256"), "256 is not valid u8 integer");
    EXPECT_EQ(shown("u8", "-1"), "-1 is not valid u8 integer");
    EXPECT_EQ(shown("i16", "x"), "x is not valid i16 type value");
    EXPECT_EQ(shown("dbl", ""), " is not valid dbl type value");
    EXPECT_FALSE(type_named("foo"));
    EXPECT_FALSE(type_named(""));
}

TEST(Values, BinaryIsHiddenUnlessAskedFor) {
    const Value value{CMAP_VALUETYPE_BINARY, "a\x01"};
    EXPECT_EQ(line_of("k", value, {}), "k (bin)\n");
    EXPECT_EQ(line_of("k", value, {.binary = true}), "k (bin) = a\\x01\n");
    EXPECT_EQ(line_of("k", {CMAP_VALUETYPE_BINARY, ""}, {.binary = true}), "k (bin) = *empty*\n");
    EXPECT_EQ(line_of("k", value, {.quiet = true}), "bin)\n");
    EXPECT_EQ(json_of("k", value)["value"], "a\\x01");
}

TEST(Settings, LinesOfAFile) {
    EXPECT_FALSE(parse_setting("# x"));
    EXPECT_FALSE(parse_setting("  \n"));
    EXPECT_EQ(parse_setting("^^pre\n")->kind, Setting::Kind::remove_prefix);
    EXPECT_EQ(parse_setting("^key\n")->key, "key");
    const auto set = parse_setting("  a.b str  hello world\n");
    ASSERT_TRUE(set);
    EXPECT_TRUE(set->complete);
    EXPECT_EQ(set->value, "hello");
    EXPECT_FALSE(parse_setting("a.b u8\n")->complete);
    EXPECT_EQ(parse_setting("a.b\tstr x y\n")->type, "x");
}

}  // namespace
}  // namespace tools::cmapctl
