// The cluster log: ring, merge, duplicates, filter and text (pmxcfs-wire.md section 7, pmxcfs.md 11.4, 14.4).

#include "cfs/replica/clusterlog/cluster_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "cfs/replica/clusterlog/ascii_filter.hpp"

namespace cfs::replica {
namespace {

using testing::ElementsAre;

ClusterLog::Text text(std::string_view message) {
    return {6, 77, "root", "tag", message};
}

std::vector<std::string> messages(const LogRing& ring) {
    std::vector<std::string> out;
    for (const LogEntry& entry : ring.entries())
        out.push_back(entry.message);
    return out;
}

void set32(Buffer& bytes, std::size_t at, std::uint32_t value) {
    totem::Writer(totem::MutableBytes(bytes).subspan(at), totem::ByteOrder::little).u32(value);
}

TEST(AsciiFilter, Utf8) {
    const auto filter = [](std::string_view in) { return ascii_filter(in, 100, Quotes::escape); };
    EXPECT_EQ(filter("hello \"w\" \xc3\xa4\n"), "hello \\\"w\\\" \\u00e4#010");
    EXPECT_EQ(filter("\x7f\x1f\xe2\x82\xac\xf0\x9f\x98\x80!"), "#127#031\\u20ac!");
    EXPECT_EQ(ascii_filter("\"", 100, Quotes::keep), "\"");
    EXPECT_EQ(filter("back\\slash"), "back\\slash");
}

TEST(AsciiFilter, OtherBytes) {
    EXPECT_EQ(ascii_filter("a\xff\"\x01\x7f", 100, Quotes::escape), "a?\\\"#001?");
    EXPECT_EQ(ascii_filter("\xed\xa0\x80", 100, Quotes::escape), "???") << "a surrogate is no character";
    EXPECT_EQ(ascii_filter("\xc0\x80", 100, Quotes::escape), "??") << "overlong";
    EXPECT_EQ(ascii_filter("\xe2\x82", 100, Quotes::escape), "??") << "cut";
}

TEST(AsciiFilter, EndsBeforeTheBuffer) {
    EXPECT_EQ(ascii_filter(std::string(200, 'x'), 100, Quotes::escape).size(), 93u);
    for (std::size_t capacity = 0; capacity < 40; ++capacity)
        EXPECT_LE(
            ascii_filter("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", capacity, Quotes::escape).size(),
            capacity);
}

TEST(Ring, IsLaidOutAsPeersExpect) {
    ClusterLog log("node1");
    EXPECT_EQ(log.ring().bytes().size(), 131072u);
    log.add(1000, text("a"));
    log.add(1001, text("b"));
    const Buffer& bytes = log.ring().bytes();
    const auto at = [&](std::size_t place) {
        return totem::Reader(totem::Bytes(bytes).subspan(place), totem::ByteOrder::little).u32();
    };
    const std::uint32_t size = 72;  // 48 + 6 + 5 + 4 + 2, rounded up
    EXPECT_EQ(at(0), 131072u);
    EXPECT_EQ(at(4), 8 + size) << "the newest";
    EXPECT_EQ(at(8), 0u) << "the oldest has none before it";
    EXPECT_EQ(at(12), 8 + size);
    EXPECT_EQ(at(8 + size), 8u);
    EXPECT_EQ(at(12 + size), 8 + 2 * size);
    EXPECT_EQ(messages(log.ring()), (std::vector<std::string>{"b", "a"}));
}

TEST(Ring, OverwritesItsOldest) {
    ClusterLog log("node1");
    for (int i = 0; i < 5000; ++i)
        log.add(1000, text(fmt::format("{} {}", i, std::string(static_cast<std::size_t>(i % 300), 'x'))));
    const auto entries = log.ring().entries();
    ASSERT_GT(entries.size(), 400u);
    std::uint32_t uid = 5000;
    for (const LogEntry& entry : entries)
        ASSERT_EQ(entry.uid, uid--);
}

TEST(Ring, LongMessagesAreCut) {
    ClusterLog log("node1");
    const LogEntry entry = log.add(1000, {6, 1, std::string(999, 'i'), std::string(999, 't'), std::string(9999, 'm')});
    EXPECT_EQ(entry.ident.size(), 254u);
    EXPECT_EQ(entry.tag.size(), 254u);
    EXPECT_LE(encoded_size(entry), kLargestLogEntry);
    EXPECT_GT(encoded_size(entry), kLargestLogEntry - 16);
    EXPECT_EQ(log.ring().entries().size(), 1u);
}

TEST(Ring, OfAPeerIsNotTrusted) {
    ClusterLog log("node1");
    log.add(1000, text("a"));
    log.add(1001, text("b"));
    const Buffer good = log.ring().bytes();
    EXPECT_FALSE(LogRing::of(Bytes(good).first(131071)));
    Buffer size = good;
    set32(size, 0, 131073);
    EXPECT_FALSE(LogRing::of(size));
    for (const std::uint32_t place : {1u, 7u, 131071u, 131072u, 0xFFFFFFFFu}) {
        Buffer bad = good;
        set32(bad, 4, place);
        EXPECT_TRUE(LogRing::of(bad)->entries().empty());
        bad = good;
        set32(bad, 80, place);  // before the newest
        EXPECT_EQ(LogRing::of(bad)->entries().size(), 1u);
    }
    Buffer loop = good;
    set32(loop, 80, 80);
    EXPECT_EQ(LogRing::of(loop)->entries().size(), 1u);
    Buffer back = good;
    set32(back, 8, 80);
    EXPECT_EQ(LogRing::of(back)->entries().size(), 2u);
    Buffer huge = good;
    set32(huge, 80 + 40, 0xFFFFFF00);
    EXPECT_TRUE(LogRing::of(huge)->entries().empty());
}

TEST(Duplicates, AreWhatIsNotNewerOfItsNode) {
    ClusterLog here("node1"), there("node2");
    const LogEntry first = there.add(1000, text("1")), second = there.add(1000, text("2")),
                   third = there.add(999, text("3"));
    EXPECT_TRUE(here.insert(first));
    EXPECT_FALSE(here.insert(first));
    EXPECT_TRUE(here.insert(second));
    EXPECT_FALSE(here.insert(first));
    EXPECT_FALSE(here.insert(third)) << "an earlier time";
    EXPECT_EQ(messages(here.ring()), (std::vector<std::string>{"2", "1"}));
}

TEST(State, IsInOrder) {
    ClusterLog log("node1"), other("node2");
    log.add(1005, text("late"));
    const LogEntry early = other.add(1001, text("early"));
    EXPECT_TRUE(log.insert(early));
    EXPECT_EQ(messages(log.ring()), (std::vector<std::string>{"early", "late"})) << "as it came";
    EXPECT_EQ(messages(*LogRing::of(log.state())), (std::vector<std::string>{"late", "early"}));
    EXPECT_EQ(messages(log.ring()), (std::vector<std::string>{"late", "early"})) << "the own ring, too";
}

TEST(Merge, TakesTheNewestOfAll) {
    ClusterLog a("node1"), b("node2");
    a.add(1000, text("a0"));
    a.add(1004, text("a4"));
    const LogEntry b2 = b.add(1002, text("b2"));
    a.insert(b2);
    b.add(1006, text("b6"));
    const LogRing rings[] = {a.ring(), b.ring()};
    a.merge(rings);
    EXPECT_EQ(messages(a.ring()), (std::vector<std::string>{"b6", "a4", "b2", "a0"})) << "each once";
    EXPECT_FALSE(a.insert(b2)) << "known from the merge";
    b.merge(rings);
    EXPECT_EQ(a.ring().bytes(), b.ring().bytes());
}

TEST(Merge, KeepsWhatFits) {
    ClusterLog a("node1"), b("node2");
    for (std::uint32_t i = 0; i < 2000; ++i) {
        a.add(1000 + i, text(std::string(50, 'a')));
        b.add(1000 + i, text(std::string(50, 'b')));
    }
    const LogRing rings[] = {a.ring(), b.ring()};
    a.merge(rings);
    const auto entries = a.ring().entries();
    EXPECT_EQ(entries.front().time, 2999u);
    EXPECT_GT(entries.size(), 900u);
    EXPECT_LT(entries.size() * 120, 131072u);
}

TEST(Json, IsUpstreams) {
    ClusterLog log("node1");
    EXPECT_EQ(log.json(), "{\n\"data\": [\n]\n}\n");
    log.add(1795362422, {6, 6815, "root", "cluster", "starting cluster log"});
    log.add(1795362465, {6, 7723, "ann", "tag", "hello \"w\" \xc3\xa4\n"});
    EXPECT_EQ(
        log.json(),
        "{\n\"data\": [\n"
        "{\"uid\": 2, \"time\": 1795362465, \"pri\": 6, \"tag\": \"tag\", \"pid\": 7723, \"node\": \"node1\", "
        "\"user\": \"ann\", \"msg\": \"hello \\\"w\\\" \\u00e4#010\"},\n"
        "{\"uid\": 1, \"time\": 1795362422, \"pri\": 6, \"tag\": \"cluster\", \"pid\": 6815, \"node\": \"node1\", "
        "\"user\": \"root\", \"msg\": \"starting cluster log\"}\n"
        "]\n}\n");
    EXPECT_THAT(log.json(1), testing::Not(testing::HasSubstr("starting")));
    EXPECT_THAT(log.json(0, "root"), testing::Not(testing::HasSubstr("hello")));
    for (int i = 0; i < 60; ++i)
        log.add(1795362466, text("x"));
    EXPECT_THAT(log.json(), testing::Not(testing::HasSubstr("\"uid\": 12,"))) << "fifty of them";
    EXPECT_THAT(log.json(), testing::HasSubstr("\"uid\": 13,"));
}

}  // namespace
}  // namespace cfs::replica
