// Hand-made histories for the oracles above the ring: process groups and synchronisation.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/sim/cpg_oracle.hpp"
#include "tests/sim/history.hpp"
#include "tests/sim/sync_oracle.hpp"

namespace totem::sim {
namespace {

using engine::cpg::Address;
using engine::cpg::Process;
using engine::cpg::Reason;
using Kind = srp::Configuration::Kind;
using Nodes = std::vector<NodeId>;
using Addresses = std::vector<Address>;

// Two nodes in ring 1.5, synchronised at seq 3, a client of group 0 on each: 10 on node 1, 20 on node 2.
class Services : public testing::Test {
protected:
    Services() : cpg(facts, verdict), sync(facts, verdict) {
        for (NodeId node : {1u, 2u}) {
            cpg.started(who(node));
            configure(node, Kind::transitional, {});
            configure(node, Kind::regular, {1, 2});
            position(node, 3);
            cpg.activated(who(node), ring, {});
        }
        join(4, 10, 1);
        join(5, 20, 2);
    }
    static Who who(NodeId node) { return {node, node}; }
    static Address at(ClientId client, Reason reason = Reason::undefined) { return {client / 10, client, reason}; }

    void configure(NodeId node, Kind kind, const Nodes& nodes) {
        const ConfigurationEvent event{who(node), kind, ring, nodes, {}, {}};
        cpg.configuration(event);
        sync.configuration(event);
    }
    void position(NodeId node, std::uint32_t seq) {
        cpg.position(who(node), seq);
        cpg.message_begins(who(node), seq);
    }
    // The client's join reaches everybody at `seq`.
    void join(std::uint32_t seq, ClientId client, NodeId node) {
        cpg.opened(who(node), client, 0, client);
        members.push_back(at(client));
        for (NodeId id : {1u, 2u}) {
            position(id, seq);
            for (const Address& member : members)
                if (member.node == id) cpg.view(member.pid, members, {}, Addresses{at(client, Reason::join)});
        }
    }
    void say(std::uint32_t seq, std::uint32_t counter, const Nodes& hearers = {1, 2}) {
        cpg.submitted(10, counter, 1000 + counter);
        for (NodeId node : hearers) {
            position(node, seq);
            cpg.message(node * 10, 1, 10, {10, counter}, 1000 + counter);
        }
    }
    void expect(const std::string& rule) {
        ASSERT_TRUE(verdict.failed()) << "nobody noticed";
        EXPECT_EQ(verdict.violation()->rule, rule) << verdict.violation()->text;
    }

    Facts facts;
    Verdict verdict;
    CpgOracle cpg;
    SyncOracle sync;
    const RingKey ring = facts.add_ring(RingId{{1, 0, {}}, 5});
    Addresses members;
};

TEST_F(Services, AGoodHistoryIsAccepted) {
    say(6, 1);
    say(7, 2);
    cpg.finish();
    EXPECT_FALSE(verdict.failed()) << verdict.violation()->text;
    EXPECT_TRUE(cpg.all_joined());
    EXPECT_TRUE(cpg.all_heard());
}

TEST_F(Services, AMessageTwice) {
    say(6, 1);
    say(7, 1);
    expect("cpg fifo");
}

TEST_F(Services, AnOwnMessageIsLost) {
    say(6, 1);
    say(7, 3);
    expect("cpg fifo");
}

TEST_F(Services, AnotherContent) {
    cpg.submitted(10, 1, 1000);
    position(2, 6);
    cpg.message(20, 1, 10, {10, 1}, 1);
    expect("cpg content");
}

TEST_F(Services, OneMissesAMessage) {
    say(6, 1, {1});
    say(7, 2);
    cpg.finish();
    expect("cpg complete");
    EXPECT_TRUE(cpg.all_heard());
}

TEST_F(Services, NotEverybodyHasHeardEverything) {
    say(6, 1, {1});
    EXPECT_FALSE(cpg.all_heard());
}

TEST_F(Services, MembersDoNotFollowFromTheEvent) {
    position(1, 6);
    cpg.view(10, Addresses{at(10)}, {}, {});
    expect("cpg view");
}

// A list names so many members and no more; whether the rest is right shows when some leave.
TEST_F(Services, ALongListIsCut) {
    const auto joins = [this](std::uint32_t seq, ClientId client, std::size_t listed) {
        members.push_back(at(client));
        std::sort(members.begin(), members.end(), [](const Address& a, const Address& b) { return a.pid < b.pid; });
        position(1, seq);
        cpg.view(10, std::span(members).first(listed), {}, Addresses{at(client, Reason::join)});
    };
    std::uint32_t seq = 6;
    for (ClientId client = 21; members.size() < engine::cpg::kMaxListed; ++client)
        joins(seq++, client, members.size() + 1);
    joins(seq++, 900, engine::cpg::kMaxListed);
    EXPECT_FALSE(verdict.failed()) << verdict.violation()->text;
    joins(seq++, 901, engine::cpg::kMaxListed - 1);
    expect("cpg view");
}

TEST_F(Services, AProcessJoinsTwice) {
    position(1, 6);
    cpg.view(10, members, {}, Addresses{at(20, Reason::join)});
    expect("cpg view");
}

TEST_F(Services, ViewsDisagree) {
    position(1, 6);
    cpg.view(10, Addresses{at(10)}, Addresses{at(20, Reason::procdown)}, {});
    position(2, 6);
    cpg.view(20, members, {}, {});
    expect("cpg agree");
}

TEST_F(Services, ALostNodeWithTheWrongReason) {
    configure(1, Kind::regular, {1});
    cpg.message_ends(who(1));
    cpg.view(10, Addresses{at(10)}, Addresses{at(20, Reason::procdown)}, {});
    expect("cpg reason");
}

TEST_F(Services, AMessageOfAStranger) {
    position(1, 6);
    cpg.message(10, 3, 30, {}, 5);
    expect("cpg view");
}

TEST_F(Services, AGhostAfterSynchronising) {
    const std::vector<Process> list{{3, 30, {"g"}}};
    cpg.activated(who(1), ring, list);
    expect("cpg ghost");
}

TEST_F(Services, ListsDiffer) {
    const std::vector<Process> list{{1, 10, {"g"}}};
    cpg.activated(who(1), ring, list);
    expect("cpg list");
}

TEST_F(Services, SynchronisedWithoutAMember) {
    sync.probe_init(who(1), Nodes{}, Nodes{1, 2});
    sync.probe_heard(who(1), 1, ring);
    sync.probe_activate(who(1), Nodes{1, 2});
    expect("sync complete");
}

TEST_F(Services, MembersWithoutTheServiceAreNotAwaited) {
    sync.probe_heard(who(1), 1, ring);
    sync.probe_activate(who(1), Nodes{1});
    EXPECT_FALSE(verdict.failed());
}

TEST_F(Services, ServicesAreToldOtherMembers) {
    sync.probe_init(who(1), Nodes{}, Nodes{1});
    expect("sync init");
}

TEST_F(Services, SynchronisationEndsAtTwoPlaces) {
    sync.completed(who(1), ring, 9);
    EXPECT_EQ(sync.completed_ring(who(1)), ring);
    EXPECT_EQ(sync.completed_ring(who(2)), kNoRing);
    sync.completed(who(2), ring, 10);
    expect("sync agree");
}

}  // namespace
}  // namespace totem::sim
