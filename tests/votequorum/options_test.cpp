// Reading the keys at start and at run time. Spec votequorum.md section 2.2.

#include "votequorum/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/votequorum/cluster.hpp"

namespace vote {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using vote_test::nodelist;

std::vector<std::string> critical(const Reading& reading) {
    std::vector<std::string> out;
    for (const LogLine& line : reading.lines)
        if (line.level == Level::critical) out.push_back(line.text);
    return out;
}

TEST(VoteOptions, DefaultsAreAPlainMajority) {
    const Reading reading = read(nodelist(3));
    EXPECT_FALSE(reading.failure);
    EXPECT_THAT(reading.lines, IsEmpty());
    EXPECT_EQ(reading.settings.listed_votes, 3u);
    EXPECT_EQ(reading.settings.votes, 1u);
    EXPECT_FALSE(reading.settings.wait_for_all);
    EXPECT_FALSE(reading.settings.tie_breaker_evaluated);
    EXPECT_EQ(reading.settings.last_man_standing_window, std::chrono::seconds(10));
}

TEST(VoteOptions, TieBreakerNodes) {
    const auto of = [](const char* text) {
        Keys keys = nodelist(4);
        keys.auto_tie_breaker = true;
        keys.auto_tie_breaker_node = text;
        return read(keys).settings.tie_breaker;
    };
    using Type = TieBreaker::Type;
    EXPECT_EQ(of("lowest"), (TieBreaker{Type::lowest, {}}));
    EXPECT_EQ(of("highest"), (TieBreaker{Type::highest, {}}));
    EXPECT_EQ(of("3 1"), (TieBreaker{Type::list, {3, 1}}));
    EXPECT_EQ(of("  3   1 x 7"), (TieBreaker{Type::list, {3, 1}})) << "up to the first that is none";
    for (const char* text : {"foo", "", "0 1", "LOWEST", "-1"})
        EXPECT_EQ(of(text), TieBreaker{}) << text;
}

TEST(VoteOptions, ImpliedDeviceVotesAreOneLessThanTheNodes) {
    Keys keys = nodelist(4);
    keys.device_model = "net";
    const Reading reading = read(keys);
    EXPECT_EQ(reading.settings.device_votes, 3u);
    EXPECT_EQ(reading.settings.listed_votes, 7u);
    EXPECT_TRUE(reading.settings.device_can_operate);
}

TEST(VoteOptionsAtRunTime, NothingToGoByKeepsWhatIs) {
    Keys keys = nodelist(2);
    keys.two_node = true;
    const Settings before = read(keys).settings;
    const Reading reading = reread(Keys{}, before, false);
    EXPECT_TRUE(reading.failure);
    EXPECT_TRUE(reading.settings.two_node);
    EXPECT_EQ(reading.settings.listed_votes, 2u);
    EXPECT_THAT(critical(reading),
                ElementsAre("configuration error: nodelist or quorum.expected_votes must be configured!",
                            "will continue with current runtime data"));
}

TEST(VoteOptionsAtRunTime, TwoNodeAndDevice) {
    Keys keys = nodelist(2);
    const Settings before = read(keys).settings;
    keys.two_node = true;
    keys.device_model = "net";
    keys.device_votes = 1;
    const Reading registered = reread(keys, before, true);
    EXPECT_FALSE(registered.settings.two_node);
    EXPECT_TRUE(registered.settings.device_can_operate);
    const Reading absent = reread(keys, before, false);
    EXPECT_TRUE(absent.settings.two_node);
    EXPECT_FALSE(absent.settings.device_can_operate);
    EXPECT_FALSE(absent.failure);
}

TEST(VoteOptionsAtRunTime, DeviceIsDisabledWhereItDoesNotFit) {
    Keys keys = nodelist(2);
    keys.last_man_standing = true;
    const Settings before = read(keys).settings;
    keys.device_model = "net";
    keys.device_votes = 1;
    const Reading reading = reread(keys, before, false);
    EXPECT_FALSE(reading.settings.device_can_operate);
    EXPECT_THAT(critical(reading),
                ElementsAre("configuration error: quorum.device is not compatible with last_man_standing",
                            "disabling quorum device operations"));
}

TEST(VoteOptionsAtRunTime, OptionsOfTheStartStay) {
    Keys keys = nodelist(4);
    keys.wait_for_all = true;
    keys.allow_downscale = true;
    const Settings before = read(keys).settings;
    Keys changed = nodelist(4);
    changed.last_man_standing = true;
    changed.auto_tie_breaker = true;
    const Settings after = reread(changed, before, false).settings;
    EXPECT_TRUE(after.wait_for_all);
    EXPECT_TRUE(after.allow_downscale);
    EXPECT_FALSE(after.last_man_standing);
    EXPECT_EQ(after.tie_breaker, TieBreaker{});
    EXPECT_TRUE(after.tie_breaker_evaluated) << "atb_type is published from now on";
}

TEST(VoteOptionsAtRunTime, TieBreakerComesBackWhenTheClusterIsEven) {
    Keys keys = nodelist(3);
    keys.auto_tie_breaker = true;
    const Settings odd = read(keys).settings;
    EXPECT_EQ(odd.tie_breaker, TieBreaker{});
    keys.nodelist = nodelist(4).nodelist;
    EXPECT_EQ(reread(keys, odd, false).settings.tie_breaker.type, TieBreaker::Type::lowest);
}

}  // namespace
}  // namespace vote
