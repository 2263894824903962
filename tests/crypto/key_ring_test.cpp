// Keys come and go, and counters are taken once: totem-crypto.md appendix B.3 to B.5.

#include "totem/crypto/key_ring.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/crypto/native_support.hpp"
#include "totem/crypto/replay_window.hpp"

namespace totem::crypto {
namespace {

using test::Buffer;
using Installed = KeyRing::Installed;

TEST(KeyRing, HasRoomForTwoAndSealsWithTheFirst) {
    KeyRing keys("lab", 5, Buffer(32, 1));
    EXPECT_EQ(keys.transmit_id(), 5);
    EXPECT_FALSE(keys.other_id());
    EXPECT_EQ(keys.install(5, Buffer(32, 1)), Installed::already);
    EXPECT_EQ(keys.install(5, Buffer(32, 2)), Installed::id_in_use);
    EXPECT_EQ(keys.install(6, Buffer(32, 1)), Installed::same_key);
    EXPECT_EQ(keys.install(6, Buffer(32, 2)), Installed::done);
    EXPECT_EQ(keys.install(7, Buffer(32, 3)), Installed::no_room);
    EXPECT_EQ(keys.transmit_id(), 5);
    EXPECT_EQ(keys.other_id(), 6);
    EXPECT_NE(keys.print_of(5), keys.print_of(6));
    EXPECT_EQ(keys.print_of(7), std::nullopt);
}

TEST(KeyRing, RemovesAllButTheOneThatSeals) {
    KeyRing keys("lab", 0, Buffer(32, 1));
    ASSERT_EQ(keys.install(1, Buffer(32, 2)), Installed::done);
    EXPECT_FALSE(keys.remove(0));
    EXPECT_FALSE(keys.remove(2));
    EXPECT_FALSE(keys.transmit(2));
    const auto before = keys.generation();
    ASSERT_TRUE(keys.transmit(1));
    EXPECT_NE(keys.generation(), before);
    EXPECT_EQ(keys.other_id(), 0);
    ASSERT_TRUE(keys.remove(0));
    EXPECT_FALSE(keys.print_of(0));
    EXPECT_FALSE(keys.remove(0));
    EXPECT_EQ(keys.install(2, Buffer(32, 1)), Installed::retired_key);
    EXPECT_EQ(keys.install(0, Buffer(32, 3)), Installed::done);
}

TEST(KeyRing, APrintIsOfKeyAndCluster) {
    const KeyRing one("lab", 0, Buffer(32, 1)), other("lab", 9, Buffer(32, 1)), elsewhere("lab2", 0, Buffer(32, 1));
    EXPECT_EQ(one.print_of(0), other.print_of(9));
    EXPECT_NE(one.print_of(0), elsewhere.print_of(0));
}

// Against a set of all counters.
TEST(ReplayWindow, TakesEachCounterOnce) {
    for (const std::uint64_t start : {std::uint64_t{1}, std::uint64_t{5000}, UINT64_MAX - 200000}) {
        std::mt19937_64 random(start);
        ReplayWindow window;
        std::set<std::uint64_t> seen;
        std::uint64_t highest = 0, base = start;
        for (int i = 0; i < 20000; ++i) {
            base += random() % 8;
            if (random() % 500 == 0) base += random() % 3000;
            const std::uint64_t counter = base - std::min(base, random() % 1500);
            const bool fresh =
                counter != 0 && (counter > highest || (highest - counter < 1024 && !seen.contains(counter)));
            ASSERT_EQ(window.fresh(counter), fresh) << counter << " highest " << highest;
            if (!fresh) continue;
            window.mark(counter);
            seen.insert(counter);
            highest = std::max(highest, counter);
            ASSERT_EQ(window.highest(), highest);
        }
    }
}

TEST(ReplayWindow, HasExactEdges) {
    ReplayWindow window;
    EXPECT_FALSE(window.fresh(0));
    EXPECT_TRUE(window.fresh(UINT64_MAX));
    window.mark(2000);
    EXPECT_FALSE(window.fresh(2000));
    EXPECT_TRUE(window.fresh(2000 - 1023));
    EXPECT_FALSE(window.fresh(2000 - 1024));
    window.reset();
    EXPECT_TRUE(window.fresh(1));
}

}  // namespace
}  // namespace totem::crypto
