#include "tools/common/program.hpp"

#include <gtest/gtest.h>

#include "tools/cpgtool/groups.hpp"

namespace tools {
namespace {

TEST(CommandLine, TakesOutWhatTheOriginalsLack) {
    std::vector<std::string> words = {"tool", "-s", "--json", "x", "--", "--help"};
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    CommandLine line(static_cast<int>(arguments.size()), arguments.data());
    EXPECT_TRUE(line.json);
    EXPECT_FALSE(line.help) << "it stands behind --";
    ASSERT_EQ(line.argc(), 5);
    EXPECT_STREQ(line.argv()[2], "x");
    EXPECT_EQ(line.argv()[5], nullptr);
}

TEST(Numbers, WholeTextWithinBounds) {
    long long value = 0;
    EXPECT_TRUE(parse_number(" 200", 128, 4096, value));
    EXPECT_EQ(value, 200);
    for (const char* wrong : {"", "x", "128x", "127", "4097", "0x90", "99999999999999999999"}) {
        EXPECT_FALSE(parse_number(wrong, 128, 4096, value)) << wrong;
    }
}

TEST(Escape, KeepsPrintableDoublesBackslashesSignExtends) {
    const std::string bytes("a\\b\x01\xff z\0", 8);
    EXPECT_EQ(escape(bytes.data(), bytes.size()), "a\\\\b\\x01\\xFFFFFFFF z\\x00");
}

TEST(Groups, TextsAndJson) {
    using namespace cpgtool;
    const std::vector<Member> members = {{"g", 10642, 1, {"10.77.1.1"}}, {"g", 7, 2, {"10.77.1.2"}}};
    EXPECT_EQ(
        text_of(members, {}),
        "Group Name\t       PID\t   Node ID\ng\n\t\t     10642\t         1 (10.77.1.1)\n\t\t         7\t         2 "
        "(10.77.1.2)\n");
    EXPECT_EQ(text_of(members, {.delimiter = ','}), "GRP_NAME,PID,NODEID\ng,10642,1\ng,7,2\n");
    EXPECT_EQ(text_of({{"a", 0, 0, {}}, {"b", 0, 0, {}}}, {.names_only = true, .delimiter = ';'}), "a;b;\n");
    const auto json = json_of(members, {});
    ASSERT_EQ(json["groups"].size(), 1U);
    EXPECT_EQ(json["groups"][0]["members"][1]["pid"], 7);
}

}  // namespace
}  // namespace tools
