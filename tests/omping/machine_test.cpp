// The machines of client and server, and a node among its hosts. Spec omping.md sections 6 and 7.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>

#include "tests/omping/support.hpp"
#include "tools/omping/node.hpp"

namespace tools::omping {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const Address kPeer = address("10.0.0.2");
const Endpoint kPeerPort{kPeer, 4321};

struct Sent {
    Endpoint to;  // the group as address 0.0.0.0
    Datagram bytes;
};

// A node with two hosts, and all it does.
class NodeTest : public testing::Test, public NodePort, public NodeObserver {
protected:
    void make(NodeSettings settings = {}) {
        settings.client.group = settings.server.group = kGroup;
        settings.server.information = "om";
        node = std::make_unique<Node>(settings, std::vector<Remote>{{"b", kPeer}, {"c", address("10.0.0.3")}},
                                      ids.random(), *this, *this);
    }

    void send(const Endpoint& to, Bytes message) override { sent.push_back({to, {message.begin(), message.end()}}); }
    void send_to_group(std::uint16_t port, Bytes message) override {
        sent.push_back({{Address{}, port}, {message.begin(), message.end()}});
    }
    void waiting(std::size_t host) override { note("waiting", host); }
    void joined(std::size_t host) override { note("joined", host); }
    void stopped(std::size_t host, StopReason reason) override {
        note("stopped" + std::to_string(static_cast<int>(reason)), host);
    }
    void replied(std::size_t host, const Reply& reply) override {
        note(std::string(reply.group ? "group" : "unicast") + std::to_string(reply.sequence) +
                 (reply.duplicate ? "dup" : ""),
             host);
        last = reply;
    }
    void note(const std::string& what, std::size_t host) { events.push_back(what + "@" + std::to_string(host)); }

    void tick(std::size_t host = 0) { node->tick(host, now); }
    void receive(const Datagram& bytes, bool group = false, const Endpoint& from = kPeerPort) {
        node->receive({bytes, from, group, 63, now}, [this] { return now; });
    }
    void pass(Duration time) {
        now.monotonic += time;
        now.wall += time;
    }
    // What was sent since the last call.
    std::vector<Sent> take() { return std::exchange(sent, {}); }
    Datagram only_sent() {
        EXPECT_EQ(sent.size(), 1u);
        return sent.empty() ? Datagram{} : take().front().bytes;
    }
    std::vector<std::string> happened() { return std::exchange(events, {}); }

    Message parsed(const Datagram& bytes) {
        kept.push_back(bytes);
        auto message = decode(kept.back());
        EXPECT_TRUE(message);
        return message.value_or(Message{});
    }
    // The peer accepts the last Init that was sent.
    void accept(std::uint8_t session = 1) {
        SessionId id{};
        id.fill(session);
        const Datagram init = only_sent();
        receive(encode_accept(parsed(init), kGroup, id, ""));
    }
    Datagram answer_to(const Datagram& query) { return encode_answer(parsed(query), 64, {5, 6}); }
    // A client that has sent its first query.
    Datagram start() {
        tick();
        accept();
        happened();
        return only_sent();
    }

    Counting ids;
    Now now{Instant(1000s), WallTime(1700000000s)};
    std::unique_ptr<Node> node;
    std::vector<Sent> sent;
    std::vector<std::string> events;
    std::list<Datagram> kept;
    Reply last;
};

using ClientTest = NodeTest;
using ServerTest = NodeTest;

TEST_F(ClientTest, AsksEverySecondAndSendsTheFirstQueryAtOnce) {
    make();
    tick();
    EXPECT_THAT(happened(), ElementsAre("waiting@0"));
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].to, kPeerPort);
    EXPECT_EQ(take()[0].bytes, encode_init(client_id(0), kGroup, false));
    pass(1000ms);
    tick();
    EXPECT_THAT(sent, IsEmpty()) << "more than a second";
    pass(1ms);
    tick();
    EXPECT_THAT(happened(), ElementsAre("waiting@0"));
    accept();
    EXPECT_THAT(happened(), ElementsAre("joined@0"));
    SessionId session{};
    session.fill(1);
    EXPECT_EQ(only_sent(), encode_query({client_id(0), 1, timestamp(now.wall), kGroup, session}));
    EXPECT_EQ(node->client(0).sent(), 1u);
}

TEST_F(ClientTest, AnswersAreCountedByCastAndOnce) {
    make();
    const Datagram answer = answer_to(start());
    pass(3ms);
    receive(answer);
    EXPECT_EQ(last.rtt, 3ms);
    EXPECT_TRUE(last.distance_known);
    EXPECT_EQ(last.distance, 1) << "64 sent, 63 received";
    EXPECT_EQ(last.size, 69u);
    receive(answer, true);
    receive(answer);
    EXPECT_THAT(happened(), ElementsAre("unicast1@0", "group1@0", "unicast1dup@0"));
    EXPECT_EQ(node->client(0).unicast().received, 1u);
    EXPECT_EQ(node->client(0).unicast().duplicates, 1u);
    EXPECT_EQ(node->client(0).group().received, 1u);
    EXPECT_EQ(node->client(0).first_group_sequence(), 1u);
}

TEST_F(ClientTest, ASteppedWallClockDoesNotReachTheRoundTrip) {
    make();
    const Datagram answer = answer_to(start());
    pass(2ms);
    now.wall += 24h;
    receive(answer);
    EXPECT_EQ(last.rtt, 2ms);
}

TEST_F(ClientTest, CountIsCheckedAnIntervalAfterTheLastQuery) {
    NodeSettings settings;
    settings.client.count = 2;
    make(settings);
    start();
    tick();
    EXPECT_EQ(take().size(), 1u);
    EXPECT_THAT(happened(), IsEmpty());
    tick();
    EXPECT_THAT(take(), IsEmpty());
    EXPECT_THAT(happened(), ElementsAre("stopped1@0"));
    tick();
    EXPECT_THAT(take(), IsEmpty());
    EXPECT_FALSE(node->all_stopped()) << "the other has not begun";
}

TEST_F(ClientTest, ANewSessionRepeatsTheQueryAndTheSameOneDoesNot) {
    make();
    const Datagram query = start();
    SessionId id{};
    id.fill(1);
    receive(encode_accept(parsed(query), kGroup, id, ""));
    EXPECT_THAT(sent, IsEmpty());
    id.fill(2);
    receive(encode_accept(parsed(query), kGroup, id, ""));
    const Datagram again = only_sent();
    EXPECT_EQ(parsed(again).sequence, 1u);
    EXPECT_EQ(parsed(again).session->front(), 2);
    EXPECT_EQ(node->client(0).sent(), 1u);
}

TEST_F(ClientTest, StopTwiceEndsAndAnAcceptedInitGoesOn) {
    make();
    Datagram query = start();
    receive(encode_stop(parsed(query), ""));
    EXPECT_THAT(happened(), IsEmpty());
    EXPECT_EQ(node->client(0).sent(), 0u) << "it was not measured";
    pass(1001ms);
    tick();
    EXPECT_FALSE(std::ranges::equal(*parsed(sent[0].bytes).client_id, *parsed(query).client_id)) << "a new id";
    accept(3);
    EXPECT_THAT(happened(), ElementsAre("waiting@0", "joined@0"));
    query = only_sent();
    EXPECT_EQ(parsed(query).sequence, 2u);
    receive(encode_stop(parsed(query), ""));
    pass(1001ms);
    tick();
    receive(encode_stop(parsed(only_sent()), ""));
    EXPECT_THAT(happened(), ElementsAre("waiting@0", "stopped0@0"));
}

TEST_F(ClientTest, IgnoresWhatIsNotForIt) {
    make();
    const Datagram query = start();
    Datagram other = answer_to(query);
    other[10] ^= 1;  // the client id
    receive(other);
    Datagram never = answer_to(query);
    never[41] = 9;  // a sequence number that was not sent
    receive(never);
    Datagram version = answer_to(query);
    version[5] = 3;
    receive(version);
    receive(encode_stop(parsed(query), ""), true);  // a response on the group's socket
    EXPECT_THAT(happened(), IsEmpty());
    EXPECT_THAT(sent, IsEmpty());
    EXPECT_EQ(node->client(0).state(), Client::State::query);
}

TEST_F(ClientTest, AResponseWithoutSessionIsIgnored) {
    make();
    tick();
    const Datagram init = only_sent();
    Datagram accepted = encode_accept(parsed(init), kGroup, SessionId{}, "");
    accepted.resize(accepted.size() - 20);
    receive(accepted);
    EXPECT_EQ(node->client(0).state(), Client::State::initial);
}

TEST_F(ClientTest, WithoutIntervalItWaitsForTheAnswerOrAMillisecond) {
    NodeSettings settings;
    settings.client.interval = 0ms;
    make(settings);
    const Datagram query = start();
    pass(500us);
    tick();
    EXPECT_THAT(sent, IsEmpty());
    receive(answer_to(query));
    tick();
    EXPECT_EQ(parsed(only_sent()).sequence, 2u);
    pass(1ms);
    tick();
    EXPECT_EQ(parsed(only_sent()).sequence, 3u);
}

TEST_F(ClientTest, TheVersionIsTakenFromAnyResponse) {
    NodeSettings settings;
    settings.client.ask_version = true;
    make(settings);
    tick();
    const Datagram init = only_sent();
    EXPECT_EQ(init, encode_init(client_id(0), kGroup, true));
    Message without = parsed(init);
    without.asks_information = false;
    receive(encode_stop(without, "omping 9"));
    EXPECT_THAT(happened(), ElementsAre("waiting@0"));
    receive(encode_stop(parsed(init), "omping 9"));
    EXPECT_THAT(happened(), ElementsAre("stopped3@0"));
    EXPECT_EQ(node->client(0).version(), "omping 9");
}

// --- the server

Datagram init(std::uint8_t id = 100) {
    return encode_init(client_id(id), kGroup, false);
}

TEST_F(ServerTest, AcceptsOnceASecond) {
    make();
    receive(init());
    const Datagram accepted = only_sent();
    EXPECT_EQ(accepted.size(), 64u);
    EXPECT_TRUE(parsed(accepted).session);
    pass(999ms);
    receive(init());
    EXPECT_THAT(sent, IsEmpty());
    pass(1ms);
    receive(init());
    EXPECT_EQ(only_sent().size(), 64u);
}

TEST_F(ServerTest, AnswersUnicastThenToTheGroupAtThePortOfTheQuery) {
    make();
    receive(init());
    const Message accepted = parsed(only_sent());
    const Datagram query = encode_query({client_id(100), 7, {}, kGroup, *accepted.session});
    const Endpoint from{kPeer, 40000};
    receive(query, false, from);
    ASSERT_EQ(sent.size(), 2u);
    EXPECT_EQ(sent[0].to, from);
    EXPECT_EQ(sent[1].to, (Endpoint{Address{}, 40000}));
    EXPECT_EQ(sent[0].bytes, encode_answer(parsed(query), 64, {}));
    EXPECT_EQ(sent[1].bytes, sent[0].bytes);
}

TEST_F(ServerTest, StopsWhatHasNoSession) {
    make();
    SessionId id{};
    const Datagram query = encode_query({client_id(100), 7, {}, kGroup, id});
    receive(query);
    EXPECT_EQ(only_sent().size(), 42u) << "a query before Init";
    receive(init());
    const Message accepted = parsed(only_sent());
    receive(query);
    EXPECT_EQ(only_sent().size(), 42u) << "a wrong session";
    const Datagram shorter = encode_query({client_id(100), 7, {}, kGroup, accepted.session->first(15)});
    receive(shorter);
    EXPECT_EQ(only_sent().size(), 42u);
    Datagram no_group = encode_query({client_id(100), 7, {}, kGroup, *accepted.session});
    no_group[59] = 9;  // of no family
    receive(no_group);
    EXPECT_EQ(only_sent().size(), 42u);
}

TEST_F(ServerTest, RefusesOtherGroups) {
    make();
    receive(encode_init(client_id(100), address("239.1.1.1"), false));
    EXPECT_EQ(only_sent(), encode_refuse(parsed(init()), kGroup, ""));
    Datagram bare = init();
    bare.resize(34);  // no prefix at all
    receive(bare);
    EXPECT_EQ(only_sent().size(), 45u);
}

TEST_F(ServerTest, FinishingTellsEverybodyToStop) {
    make();
    receive(init());
    const Message accepted = parsed(only_sent());
    node->finish();
    receive(init());
    EXPECT_EQ(only_sent().size(), 34u);
    receive(encode_query({client_id(100), 7, {}, kGroup, *accepted.session}));
    EXPECT_EQ(only_sent().size(), 42u);
    EXPECT_TRUE(node->all_stopped());
}

TEST_F(ServerTest, DropsWhatComesTooFast) {
    make();
    receive(init());
    const Message accepted = parsed(only_sent());
    for (std::uint32_t sequence = 1; sequence <= 30; ++sequence) {
        receive(encode_query({client_id(100), sequence, {}, kGroup, *accepted.session}));
        pass(100ms);
    }
    EXPECT_EQ(take().size(), 2 * 8u);
}

TEST_F(ServerTest, WrongVersionsAndTypesAreStoppedButNoAnswers) {
    make();
    Datagram wrong = init();
    wrong[5] = 3;
    receive(wrong);
    EXPECT_EQ(only_sent().size(), 34u);
    wrong = init();
    wrong[0] = 'X';
    receive(wrong);
    EXPECT_EQ(only_sent().size(), 34u);
    wrong[0] = 'S';
    wrong[5] = 3;
    receive(wrong);
    receive(init(), true);
    EXPECT_THAT(sent, IsEmpty());
}

TEST_F(ServerTest, StrangersAreStoppedButDoNotReflectAFlood) {
    make();
    const Endpoint stranger{address("10.0.0.9"), 4321};
    for (int i = 0; i < 1000; ++i) {
        receive(init(), false, stranger);
        pass(1ms);
    }
    EXPECT_GE(sent.size(), 1u);
    EXPECT_LE(sent.size(), 16u);
    EXPECT_EQ(sent[0].to, stranger);
    EXPECT_EQ(sent[0].bytes.size(), 34u);
}

TEST_F(ServerTest, AClientOnlyNodeAnswersNothing) {
    NodeSettings settings;
    settings.serves = false;
    make(settings);
    receive(init());
    Datagram wrong = init();
    wrong[0] = 'X';
    receive(wrong);
    EXPECT_THAT(sent, IsEmpty());
}

}  // namespace
}  // namespace tools::omping
