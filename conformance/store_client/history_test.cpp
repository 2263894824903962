// What must be in the store after which outcomes.
#include <gmock/gmock.h>

#include "conformance/store_client/history.hpp"

namespace store_client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

const WriterId writer{2, 5};

std::string content(std::uint64_t operation, std::size_t size = 100) {
    return make_content(writer, operation, size);
}

class HistoryTest : public testing::Test {
protected:
    void did(const std::string& slot, Action action, Outcome outcome, unsigned place = 0, unsigned to = 0,
             std::uint64_t offset = 0) {
        begin(slot, action, place, to, offset);
        history.end(outcome);
    }
    void begin(const std::string& slot, Action action, unsigned place = 0, unsigned to = 0, std::uint64_t offset = 0) {
        history.begin({history.last_number() + 1, slot, action, place, to, offset, 100});
    }
    void replaced(Outcome last) {
        did("f0", Action::empty, Outcome::acknowledged, 1);
        did("f0", Action::write, Outcome::acknowledged, 1);
        did("f0", Action::rename, last, 1, 0);
    }

    History history{writer};
};

TEST_F(HistoryTest, WhatIsAcknowledgedHasHappened) {
    replaced(Outcome::acknowledged);
    EXPECT_THAT(history.states("f0"), ElementsAre(State{{0, content(2)}}));
    did("f0", Action::append, Outcome::acknowledged, 0, 0, 100);
    EXPECT_THAT(history.states("f0"), ElementsAre(State{{0, content(2) + content(4)}}));
    did("f0", Action::write, Outcome::acknowledged, 0, 0, 50);
    EXPECT_THAT(history.states("f0"),
                ElementsAre(State{{0, content(2).substr(0, 50) + content(5) + content(4).substr(50)}}));
    did("f0", Action::remove, Outcome::acknowledged);
    EXPECT_THAT(history.states("f0"), ElementsAre(State{}));
    EXPECT_THAT(history.contradictions(), IsEmpty());
    EXPECT_EQ(history.count(Outcome::acknowledged), 6u);
}

TEST_F(HistoryTest, WhatIsUnknownMayHaveHappened) {
    replaced(Outcome::acknowledged);
    replaced(Outcome::unknown);
    const State before{{0, content(2)}, {1, content(5)}}, after{{0, content(5)}};
    EXPECT_THAT(history.states("f0"), UnorderedElementsAre(before, after));
    did("f0", Action::rename, Outcome::refused, 1, 0);
    EXPECT_THAT(history.states("f0"), ElementsAre(after));
    begin("f0", Action::remove);  // ... and the writer was killed
    begin("d0", Action::make_directory);
    EXPECT_THAT(history.states("f0"), UnorderedElementsAre(after, State{}));
    replaced(Outcome::acknowledged);
    EXPECT_TRUE(history.known("f0"));
    EXPECT_THAT(history.states("d0"), SizeIs(2));
    EXPECT_THAT(history.contradictions(), IsEmpty());
}

TEST_F(HistoryTest, WhatCannotBeShowsThatSomethingWasLost) {
    replaced(Outcome::acknowledged);
    did("f0", Action::remove, Outcome::refused);
    EXPECT_THAT(history.contradictions(), SizeIs(1));
    did("d0", Action::remove_directory, Outcome::acknowledged);
    EXPECT_THAT(history.contradictions(), SizeIs(2));
}

TEST_F(HistoryTest, AGuestIsOnOneNode) {
    did("g", Action::empty, Outcome::acknowledged, 2);
    did("g", Action::empty, Outcome::refused, 1);
    did("g", Action::rename, Outcome::unknown, 2, 0);
    EXPECT_THAT(history.states("g"), UnorderedElementsAre(State{{2, ""}}, State{{0, ""}}));
    did("g", Action::rename, Outcome::acknowledged, 0, 1);
    EXPECT_THAT(history.states("g"), ElementsAre(State{{1, ""}}));
    EXPECT_THAT(history.contradictions(), IsEmpty());
}

TEST_F(HistoryTest, ALockMayBeAnothers) {
    did("l1-0", Action::make_directory, Outcome::refused);
    EXPECT_THAT(history.states("l1-0"), ElementsAre(State{}));
    EXPECT_EQ(history.count(Outcome::refused), 0u);
    did("l1-0", Action::make_directory, Outcome::acknowledged);
    did("l1-0", Action::remove_directory, Outcome::refused);
    EXPECT_THAT(history.contradictions(), SizeIs(1));
}

TEST(ContentTest, SaysWhoseItIs) {
    EXPECT_EQ(describe(content(7, 300)), "300 bytes of writer 2.5, operation 7");
    EXPECT_EQ(describe(content(7, 300) + "x"), "301 bytes of writer 2.5, operation 7 and others");
    std::string damaged = content(7, 300);
    damaged[200] ^= 1;
    EXPECT_EQ(describe(damaged), "300 bytes of writer 2.5, operation 7 and others");
    EXPECT_EQ(describe("else"), "4 bytes of nobody");
}

}  // namespace
}  // namespace store_client
