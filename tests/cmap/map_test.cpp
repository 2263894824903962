// Spec client-ipc.md sections 9.3 to 9.6.

#include "engine/cmap/map.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace engine::cmap {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Value u8(unsigned number) {
    return static_cast<std::uint8_t>(number);
}
Value u32(std::uint32_t number) {
    return number;
}

TEST(Keys, AreThreeTo255AllowedCharacters) {
    EXPECT_TRUE(valid_key("abc"));
    EXPECT_TRUE(valid_key("aZ9._-/:"));
    EXPECT_TRUE(valid_key(std::string(255, 'a')));
    EXPECT_FALSE(valid_key(""));
    EXPECT_FALSE(valid_key("ab"));
    EXPECT_FALSE(valid_key(std::string(256, 'a')));
    for (const char* bad : {"a b", "abc$", "ab\n", "abc\xe4", "a=b", "abc*"})
        EXPECT_FALSE(valid_key(bad)) << bad;
    EXPECT_FALSE(valid_key(std::string_view("ab\0c", 4)));
}

TEST(Map, SetsGetsAndErases) {
    Map map;
    EXPECT_EQ(map.get("one.two"), nullptr);
    EXPECT_EQ(map.set("one.two", u32(5)), Status::ok);
    EXPECT_EQ(map.get_number<std::uint32_t>("one.two"), 5U);
    EXPECT_EQ(map.get_number<std::uint8_t>("one.two"), std::nullopt);
    EXPECT_EQ(map.get_string("one.two"), std::nullopt);
    EXPECT_EQ(map.set("one.two", "text"), Status::ok);
    EXPECT_EQ(map.get_string("one.two"), "text");
    EXPECT_EQ(map.erase("one.two"), Status::ok);
    EXPECT_EQ(map.erase("one.two"), Status::not_exist);
    EXPECT_EQ(map.size(), 0U);
}

TEST(Map, RefusesBadNamesAndLargeValues) {
    Map map;
    EXPECT_EQ(map.set("ab", u8(1)), Status::name_too_long);
    EXPECT_EQ(map.set("a b c", u8(1)), Status::name_too_long);
    EXPECT_EQ(map.set("abc", Value(std::string(kMaxValue + 1, 'x'))), Status::invalid_param);
    EXPECT_EQ(map.set("abc", Value(std::string(kMaxValue, 'x'))), Status::ok);
    EXPECT_EQ(map.set("abc", Value(Binary(kMaxValue))), Status::ok);
    EXPECT_EQ(map.set("abc", Value(Binary(kMaxValue + 1))), Status::invalid_param);
}

TEST(Map, StatusesHaveTheirNames) {
    EXPECT_EQ(name(Status::ok), "CS_OK");
    EXPECT_EQ(name(Status::name_too_long), "CS_ERR_NAME_TOO_LONG");
    EXPECT_EQ(name(Status::access), "CS_ERR_ACCESS");
}

TEST(Map, AdjustsIntegersAndWraps) {
    Map map;
    map.set("num.u8", u8(250));
    EXPECT_EQ(map.adjust("num.u8", 10), Status::ok);
    EXPECT_EQ(map.get_number<std::uint8_t>("num.u8"), std::uint8_t{4});
    EXPECT_EQ(map.adjust("num.u8", -5), Status::ok);
    EXPECT_EQ(map.get_number<std::uint8_t>("num.u8"), std::uint8_t{255});
    map.set("num.i8", Value(std::int8_t{127}));
    map.adjust("num.i8", 1);
    EXPECT_EQ(map.get_number<std::int8_t>("num.i8"), std::int8_t{-128});
    map.set("num.i64", Value(std::int64_t{INT64_MAX}));
    map.adjust("num.i64", 1);
    EXPECT_EQ(map.get_number<std::int64_t>("num.i64"), INT64_MIN);
    map.set("num.u64", Value(std::uint64_t{0}));
    map.adjust("num.u64", -1);
    EXPECT_EQ(map.get_number<std::uint64_t>("num.u64"), UINT64_MAX);
}

TEST(Map, AdjustRefusesWhatIsNoInteger) {
    Map map;
    map.set("a.str", "1");
    map.set("a.dbl", Value(1.0));
    map.set("a.flt", Value(1.0F));
    map.set("a.bin", Value(Binary{}));
    for (const char* key : {"a.str", "a.dbl", "a.flt", "a.bin"}) {
        EXPECT_EQ(map.adjust(key, 1), Status::invalid_param) << key;
    }
    EXPECT_EQ(map.adjust("a.none", 1), Status::not_exist);
}

TEST(Map, IteratesInByteOrder) {
    Map map;
    for (const char* key : {"node.2.x", "node.10.x", "node.1.x", "token_retransmit", "token", "node.1", "Zzz"}) {
        map.set(key, u8(1));
    }
    EXPECT_THAT(map.keys(),
                ElementsAre("Zzz", "node.1", "node.1.x", "node.10.x", "node.2.x", "token", "token_retransmit"));
    EXPECT_THAT(map.keys("node.1"), ElementsAre("node.1", "node.1.x", "node.10.x"));
    EXPECT_THAT(map.keys("to"), ElementsAre("token", "token_retransmit"));
    EXPECT_THAT(map.keys("x"), IsEmpty());
}

TEST(Map, LiveIterationSurvivesChanges) {
    Map map;
    for (const char* key : {"a.1", "a.2", "a.3", "b.1"})
        map.set(key, u8(1));
    EXPECT_EQ(map.next_key("a.", ""), "a.1");
    map.erase("a.1");
    EXPECT_EQ(map.next_key("a.", "a.1"), "a.2");
    map.erase("a.2");
    map.set("a.25", u8(1));
    EXPECT_EQ(map.next_key("a.", "a.2"), "a.25");
    EXPECT_EQ(map.next_key("a.", "a.25"), "a.3");
    EXPECT_EQ(map.next_key("a.", "a.3"), std::nullopt);
    EXPECT_EQ(map.next_key("b.1", "a.3"), "b.1");
    EXPECT_EQ(map.next_key("b.1", "b.1"), std::nullopt);
    EXPECT_EQ(map.next_key("", ""), "a.25");
}

TEST(Map, ErasesByPrefix) {
    Map map;
    for (const char* key : {"a.1", "a.2", "b.1"})
        map.set(key, u8(1));
    EXPECT_EQ(map.erase_prefix("a."), 2U);
    EXPECT_THAT(map.keys(), ElementsAre("b.1"));
}

TEST(ReadOnly, IsForClientsOnly) {
    Map map;
    map.set("lock.key", u8(1));
    map.set("lock.other", u8(1));
    map.make_read_only("lock.key", Scope::exact);
    map.make_read_only("pre.", Scope::prefix);
    EXPECT_EQ(map.set("lock.key", u8(2), Writer::client), Status::access);
    EXPECT_EQ(map.erase("lock.key", Writer::client), Status::access);
    EXPECT_EQ(map.adjust("lock.key", 1, Writer::client), Status::access);
    EXPECT_EQ(map.set("pre.new", u8(2), Writer::client), Status::access);
    EXPECT_EQ(map.set("lock.other", u8(2), Writer::client), Status::ok);
    EXPECT_EQ(map.set("lock.keys", u8(2), Writer::client), Status::ok);
    EXPECT_EQ(map.set("lock.key", u8(3)), Status::ok);
    EXPECT_EQ(map.set("pre.new", u8(3)), Status::ok);
}

TEST(ReadOnly, ComesBeforeOtherErrors) {
    Map map;
    map.make_read_only("a", Scope::prefix);
    EXPECT_EQ(map.set("a b", Value(Binary(kMaxValue + 1)), Writer::client), Status::access);
}

// Changes as short texts: "add a.b 1".
class Tracking : public testing::Test {
protected:
    Map::Callback note() {
        return [this](const Change& change) {
            const char* event = change.event == track::kAdd ? "add" : change.event == track::kModify ? "mod" : "del";
            seen_.push_back(std::string(event) + " " + change.key + number(change.before) + number(change.now));
        };
    }
    static std::string number(const Value* value) {
        return value ? " " + std::to_string(*value->get_if<std::uint8_t>()) : "";
    }
    Map map_;
    std::vector<std::string> seen_;
};

TEST_F(Tracking, TellsOfAddModifyDeleteWithBothValues) {
    map_.track("a.b", Scope::exact, track::kAll, note());
    map_.set("a.b", u8(1));
    map_.set("a.b", u8(2));
    map_.adjust("a.b", 1);
    map_.erase("a.b");
    EXPECT_THAT(seen_, ElementsAre("add a.b 1", "mod a.b 1 2", "mod a.b 2 3", "del a.b 3"));
}

TEST_F(Tracking, EqualValuesAreNoChange) {
    map_.set("a.b", u8(1));
    map_.track("a.b", Scope::exact, track::kAll, note());
    map_.set("a.b", u8(1));
    EXPECT_THAT(seen_, IsEmpty());
    map_.adjust("a.b", 0);
    EXPECT_THAT(seen_, IsEmpty());
}

TEST_F(Tracking, ExactAndPrefixAndEverything) {
    map_.track("a.b", Scope::exact, track::kAdd, note());
    map_.set("a.bc", u8(1));
    EXPECT_THAT(seen_, IsEmpty());
    map_.track("a.", Scope::prefix, track::kAdd, note());
    map_.set("a.bd", u8(1));
    EXPECT_THAT(seen_, ElementsAre("add a.bd 1"));
    map_.track("", Scope::prefix, track::kAdd, note());
    map_.set("zzz", u8(1));
    EXPECT_THAT(seen_, ElementsAre("add a.bd 1", "add zzz 1"));
    map_.track("", Scope::exact, track::kAdd, note());
    map_.set("zzy", u8(1));
    EXPECT_EQ(seen_.size(), 3U);
}

TEST_F(Tracking, OnlyWantedEvents) {
    map_.track("a.b", Scope::exact, track::kDelete, note());
    map_.set("a.b", u8(1));
    map_.set("a.b", u8(2));
    map_.erase("a.b");
    EXPECT_THAT(seen_, ElementsAre("del a.b 2"));
}

TEST_F(Tracking, EndsWithUntrack) {
    const auto id = map_.track("", Scope::prefix, track::kAll, note());
    EXPECT_TRUE(map_.untrack(id));
    EXPECT_FALSE(map_.untrack(id));
    map_.set("a.b", u8(1));
    EXPECT_THAT(seen_, IsEmpty());
}

TEST_F(Tracking, CallbacksMayChangeTheMapAndItsTrackers) {
    Map::TrackerId second = 0;
    Map::TrackerId first = 0;
    first = map_.track("a.b", Scope::exact, track::kAll, [&](const Change& change) {
        note()(change);
        map_.untrack(first);
        map_.untrack(second);
        map_.erase("a.b");
        map_.set("c.d", *change.now);
    });
    second = map_.track("a.b", Scope::exact, track::kAll, note());
    map_.set("a.b", u8(1));
    EXPECT_THAT(seen_, ElementsAre("add a.b 1"));
    EXPECT_THAT(map_.keys(), ElementsAre("c.d"));
}

// A tracker that answers a change with another must not make later ones hear of them in reverse.
TEST_F(Tracking, EverybodyHearsOfChangesInTheirOrder) {
    map_.track("first", Scope::exact, track::kAll, [&](const Change&) {
        map_.set("second", u8(2));
        map_.set("first", u8(9));
    });
    map_.track("", Scope::prefix, track::kAll, note());
    map_.set("first", u8(1));
    EXPECT_THAT(seen_, ElementsAre("add first 1", "add second 2", "mod first 1 9"));
    EXPECT_EQ(map_.get_number<std::uint8_t>("first"), 9);
}

TEST_F(Tracking, CountersTellOnlyTheirNewValue) {
    auto counter = map_.counter("runtime.c"), other = map_.counter("runtime.d");
    map_.increment(counter);
    EXPECT_FALSE(map_.counters_to_tell()) << "nobody looks";
    std::vector<std::uint64_t> values;
    const auto id = map_.track("runtime.", Scope::prefix, track::kModify, [&](const Change& change) {
        EXPECT_EQ(change.before, nullptr);
        values.push_back(*change.now->get_if<std::uint64_t>());
    });
    map_.increment(counter);
    map_.increment(counter);
    EXPECT_THAT(values, ElementsAre()) << "several changes are told as one";
    EXPECT_TRUE(map_.counters_to_tell());
    map_.tell_counters();
    EXPECT_THAT(values, ElementsAre(3U));
    map_.increment(other);
    map_.increment(counter);
    map_.tell_counters();
    EXPECT_THAT(values, ElementsAre(3U, 1U, 4U));
    EXPECT_FALSE(map_.counters_to_tell());
    map_.tell_counters();
    map_.increment(counter);
    map_.untrack(id);
    map_.tell_counters();
    map_.increment(counter);
    map_.tell_counters();
    EXPECT_THAT(values, ElementsAre(3U, 1U, 4U));
    EXPECT_EQ(map_.get_number<std::uint64_t>("runtime.c"), 6U);
    auto again = map_.counter("runtime.c");
    map_.increment(again);
    EXPECT_EQ(map_.get_number<std::uint64_t>("runtime.c"), 7U) << "an existing counter goes on";
}

}  // namespace
}  // namespace engine::cmap
