// Hand-made histories: each oracle must accept a good one and refuse the bad ones.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/sim/history.hpp"

namespace totem::sim {
namespace {

using Kind = srp::Configuration::Kind;
using Nodes = std::vector<NodeId>;

RingId ring(NodeId rep, std::uint64_t seq) {
    RingId id;
    id.rep.nodeid = rep;
    id.seq = seq;
    return id;
}

// Three nodes that form ring 1.5, and what they may do there.
class Histories : public testing::Test {
protected:
    Histories() : history({17, 50, true}) {
        for (NodeId id : {1u, 2u, 3u})
            who[id] = history.start(id, false);
        for (NodeId id : {1u, 2u, 3u})
            enter(id, o, {}, {1, 2, 3}, {}, {1, 2, 3});
    }
    void enter(NodeId id, const RingId& to, Nodes transitional, Nodes members, Nodes left, Nodes joined) {
        history.commit_filled(who[id], to);
        history.configuration(who[id], Kind::transitional, to, transitional, left, {});
        history.configuration(who[id], Kind::regular, to, members, {}, joined);
    }
    // Assigned, received by everybody.
    void send(NodeId from, std::uint32_t seq, Nodes receivers = {1, 2, 3}) {
        history.assignment(who[from], o, seq, 100 + seq);
        for (NodeId id : receivers)
            history.stored(who[id], o, seq, false);
    }
    void deliver(NodeId at, std::uint32_t seq, NodeId originator) {
        history.delivery(who[at], o, seq, originator, 100 + seq);
    }
    void visit(NodeId at, std::uint32_t number, std::uint32_t seq, std::uint32_t sent_seq, std::uint32_t aru = 0,
               std::uint32_t multicasts = 0, std::uint32_t fcc = 0) {
        wire::Token in, out;
        in.ring = out.ring = o;
        in.token_seq = number;
        out.token_seq = number + 1;
        in.seq = seq;
        out.seq = sent_seq;
        out.aru = aru;
        out.fcc = fcc;
        history.token_visit(who[at], in, out, multicasts, false);
    }
    void expect(const std::string& rule) {
        ASSERT_TRUE(history.verdict().failed()) << "nobody noticed";
        EXPECT_EQ(history.verdict().violation()->rule, rule) << history.verdict().violation()->text;
    }
    void expect_fine() { EXPECT_FALSE(history.verdict().failed()) << history.verdict().violation()->text; }

    History history;
    std::map<NodeId, Who> who;
    const RingId o = ring(1, 5), n = ring(1, 9);
};

TEST_F(Histories, AGoodOneIsAccepted) {
    send(1, 1);
    send(3, 2, {2, 3});
    for (NodeId id : {1u, 2u, 3u})
        deliver(id, 1, 1);
    visit(1, 0, 0, 1, 1, 1, 1);
    visit(2, 1, 1, 1, 1);
    for (NodeId id : {2u, 3u})
        deliver(id, 2, 3);
    history.freed(who[1], o, 1);
    history.commit_filled(who[1], ring(1, 13));
    history.configuration(who[1], Kind::transitional, ring(1, 13), Nodes{1}, Nodes{2, 3}, {});
    history.configuration(who[1], Kind::regular, ring(1, 13), Nodes{1}, {}, {});
    for (NodeId id : {2u, 3u})
        enter(id, ring(2, 9), {2, 3}, {2, 3}, {1}, {});
    expect_fine();
}

TEST_F(Histories, I1MembersOfOneRingDiffer) {
    enter(1, n, {1, 2}, {1, 2}, {3}, {});
    enter(2, n, {2}, {2, 3}, {1, 3}, {3});
    expect("I1");
}

TEST_F(Histories, I2NotInTheOwnConfiguration) {
    enter(1, n, {1, 2}, {2, 3}, {3}, {3});
    expect("I2");
}

TEST_F(Histories, I2NotInTheOwnTransitionalConfiguration) {
    enter(1, n, {2}, {1, 2}, {1, 3}, {1});
    expect("I2");
}

TEST_F(Histories, I3RingNumbersFall) {
    enter(1, ring(1, 4), {1}, {1}, {2, 3}, {});
    expect("I3");
}

TEST_F(Histories, I3AlsoAcrossARestart) {
    history.stop(who[1]);
    who[1] = history.start(1, false);
    enter(1, ring(1, 4), {}, {1}, {}, {1});
    expect("I3");
}

TEST_F(Histories, ALostFileStartsTheNumbersAnew) {
    history.stop(who[1]);
    who[1] = history.start(1, true);
    enter(1, ring(1, 1), {}, {1}, {}, {1});
    expect_fine();
    EXPECT_FALSE(history.void_run());
    // Ring 1.5 is in use by the others.
    history.commit_filled(who[1], o);
    EXPECT_TRUE(history.void_run());
}

TEST_F(Histories, I4NoTransitionalConfiguration) {
    history.commit_filled(who[1], n);
    history.configuration(who[1], Kind::regular, n, Nodes{1, 2, 3}, {}, {});
    expect("I4");
}

TEST_F(Histories, I4TwoTransitionalConfigurations) {
    history.configuration(who[1], Kind::transitional, n, Nodes{1, 2, 3}, {}, {});
    history.configuration(who[1], Kind::transitional, n, Nodes{1, 2, 3}, {}, {});
    expect("I4");
}

TEST_F(Histories, I5LeftIsIncomplete) {
    enter(1, n, {1, 2}, {1, 2}, {}, {});
    expect("I5");
}

TEST_F(Histories, I5JoinedNamesAnOldMember) {
    enter(1, n, {1, 2, 3}, {1, 2, 3}, {}, {3});
    expect("I5");
}

TEST_F(Histories, I6TransitionalConfigurationsDiffer) {
    enter(1, n, {1, 2}, {1, 2, 3}, {3}, {3});
    enter(2, n, {1, 2, 3}, {1, 2, 3}, {}, {});
    expect("I6");
}

TEST_F(Histories, I7OrderIsBroken) {
    send(1, 1);
    send(1, 2);
    deliver(2, 1, 1);
    deliver(2, 2, 1);
    deliver(2, 1, 1);
    expect("I7");
}

TEST_F(Histories, I7DeliveredInAnotherConfiguration) {
    history.assignment(who[1], n, 1, 7);
    history.delivery(who[2], n, 1, 1, 7);
    expect("I7");
}

TEST_F(Histories, I8AnotherContent) {
    send(1, 1);
    history.delivery(who[2], o, 1, 1, 999);
    expect("I8");
}

TEST_F(Histories, I8AnotherOriginator) {
    send(1, 1);
    deliver(2, 1, 3);
    expect("I8");
}

TEST_F(Histories, I8ANumberIsAssignedTwice) {
    send(1, 1);
    send(2, 1);
    expect("I8");
}

TEST_F(Histories, I8NumbersTakenWithoutMessages) {
    visit(1, 0, 0, 3);
    expect("I8");
}

TEST_F(Histories, I9FromNowhere) {
    deliver(2, 1, 1);
    expect("I9");
}

TEST_F(Histories, I9Twice) {
    send(1, 1);
    deliver(2, 1, 1);
    deliver(2, 1, 1);
    expect("I9");
}

TEST_F(Histories, I9ARecoveryMessage) {
    history.stored(who[1], o, 1, true);
    deliver(1, 1, 1);
    expect("I9");
}

TEST_F(Histories, I10OneDeliveredLess) {
    send(3, 1);
    deliver(1, 1, 3);
    enter(1, n, {1, 2}, {1, 2}, {3}, {});
    enter(2, n, {1, 2}, {1, 2}, {3}, {});
    expect("I10");
}

TEST_F(Histories, I10TheTransitionalConfigurationAtAnotherPlace) {
    send(2, 1, {2, 3});
    for (NodeId id : {1u, 2u})
        history.commit_filled(who[id], n);
    deliver(2, 1, 2);
    enter(2, n, {1, 2}, {1, 2}, {3}, {});
    history.configuration(who[1], Kind::transitional, n, Nodes{1, 2}, Nodes{3}, {});
    deliver(1, 1, 2);
    history.configuration(who[1], Kind::regular, n, Nodes{1, 2}, {}, {});
    expect("I10");
}

TEST_F(Histories, I11AGapInOperation) {
    send(1, 1);
    send(1, 2);
    deliver(2, 2, 1);
    expect("I11");
}

TEST_F(Histories, I12OfOneWhoDoesNotComeAlong) {
    send(3, 1, {1, 3});
    history.configuration(who[1], Kind::transitional, n, Nodes{1, 2}, Nodes{3}, {});
    deliver(1, 1, 3);
    expect("I12");
}

TEST_F(Histories, I12HeldButNotDelivered) {
    send(2, 1, {1, 2});
    enter(1, n, {1, 2}, {1, 2}, {3}, {});
    expect("I12");
}

TEST_F(Histories, I13OwnMessageLost) {
    send(1, 1, {});
    enter(1, n, {1, 2}, {1, 2}, {3}, {});
    expect("I13");
}

TEST_F(Histories, I15FreedTooEarly) {
    send(1, 1, {1, 2});
    history.freed(who[1], o, 1);
    expect("I15");
}

TEST_F(Histories, I16TheSameTokenAtTwoNodes) {
    visit(1, 4, 0, 0);
    visit(2, 4, 0, 0);
    expect("I16");
}

TEST_F(Histories, I16TwoTokensWithOneNumber) {
    history.token_sent(who[1], o, 4, 111);
    history.token_sent(who[1], o, 4, 111);
    expect_fine();
    history.token_sent(who[2], o, 4, 222);
    expect("I16");
}

TEST_F(Histories, I17SeqFalls) {
    for (std::uint32_t seq = 1; seq <= 5; ++seq)
        send(1, seq);
    visit(1, 0, 0, 5, 0, 5);
    visit(2, 1, 4, 4);
    expect("I17");
}

TEST_F(Histories, I17AruAboveSeq) {
    visit(1, 0, 0, 0, 1);
    expect("I17");
}

TEST_F(Histories, I18TooManyAtOnce) {
    for (std::uint32_t seq = 1; seq <= 18; ++seq)
        send(1, seq);
    visit(1, 0, 0, 18, 0, 18, 18);
    expect("I18");
}

TEST_F(Histories, I18TooManyInARotation) {
    visit(1, 0, 0, 0, 0, 0, 51);
    expect("I18");
}

TEST_F(Histories, I19ARingNeverCommittedTo) {
    history.configuration(who[1], Kind::transitional, n, Nodes{1, 2, 3}, {}, {});
    history.configuration(who[1], Kind::regular, n, Nodes{1, 2, 3}, {}, {});
    expect("I19");
}

}  // namespace
}  // namespace totem::sim
