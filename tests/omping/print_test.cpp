// Lines byte by byte. Spec omping.md section 10.
#include "tools/omping/print.hpp"

#include <gtest/gtest.h>

#include "tests/omping/support.hpp"

namespace tools::omping {
namespace {

using namespace std::chrono_literals;

// A client, driven through a run whose answers take given times.
class PrintTest : public testing::Test, public ClientEvents {
protected:
    void send(Bytes message) override { sent_.assign(message.begin(), message.end()); }
    void waiting() override {}
    void joined() override {}
    void stopped(StopReason) override {}
    void replied(const Reply& reply) override { last = reply; }

    void make() {
        ClientSettings settings;
        settings.group = kGroup;
        client = std::make_unique<Client>(settings, random_, *this);
        client->tick(now);
        const Datagram init = sent_;
        const Datagram accepted = encode_accept(*decode(init), kGroup, SessionId{1}, "");
        client->receive(*decode(accepted), {accepted, {}, false, 0, now});
    }
    void next() {
        now.monotonic += 1s;
        now.wall += 1s;
        client->tick(now);
    }
    void answer(bool group, Duration after) {
        const Datagram bytes = encode_answer(*decode(sent_), 64, {});
        Now then = now;
        then.monotonic += after;
        client->receive(*decode(bytes), {bytes, {}, group, 64, then});
    }

    Text text() const { return {options, {remote, {"longer.example.org", {}}}, kGroup}; }
    // Without the column of the host.
    std::string own(const std::string& lines) const {
        std::string out;
        std::istringstream in(lines);
        for (std::string each; std::getline(in, each);) {
            EXPECT_EQ(each.substr(0, 21), "10.0.0.2           : ");
            out += each.substr(21) + "\n";
        }
        return out;
    }
    std::string reply() const { return own(text().reply(remote, *client, last)); }
    std::string summary() const { return own(text().summary(remote, *client)); }

    Options options;
    Remote remote{"10.0.0.2", address("10.0.0.2")};
    Now now{Instant(1000s), WallTime(1700000000s)};
    std::unique_ptr<Client> client;
    Reply last;

private:
    Datagram sent_;
    Counting ids_;
    Random random_ = ids_.random();
};

TEST_F(PrintTest, States) {
    make();
    EXPECT_EQ(text().waiting(remote), "10.0.0.2           : waiting for response msg\n");
    EXPECT_EQ(own(text().joined(remote)), "joined (S,G) = (*, 232.43.211.234), pinging\n");
    EXPECT_EQ(own(text().stopped(remote, StopReason::server)), "server told us to stop\n");
    EXPECT_EQ(own(text().stopped(remote, StopReason::count)), "given amount of query messages was sent\n");
    EXPECT_EQ(own(text().stopped(remote, StopReason::exhausted)), "maximum number of query messages exhausted\n");
    EXPECT_EQ(own(text().stopped(remote, StopReason::version)), "remote version received\n");
    options.method = Method::ssm;
    EXPECT_EQ(own(text().joined(remote)), "joined (S,G) = (10.0.0.2, 232.43.211.234), pinging\n");
}

TEST_F(PrintTest, Replies) {
    make();
    answer(false, 167us);
    EXPECT_EQ(reply(), "  unicast, seq=1, size=69 bytes, dist=0, time=0.167ms\n");
    answer(true, 177us);
    EXPECT_EQ(reply(), "multicast, seq=1, size=69 bytes, dist=0, time=0.177ms\n");
    answer(false, 457us);
    EXPECT_EQ(reply(), "  unicast, seq=1 (dup), size=69 bytes, dist=0, time=0.457ms\n");
    options.method = Method::broadcast;
    answer(true, 131us);
    EXPECT_EQ(reply(), "broadcast, seq=1 (dup), size=69 bytes, dist=0, time=0.131ms\n");
    last.distance_known = false;
    last.rtt.reset();
    EXPECT_EQ(reply(), "broadcast, seq=1 (dup), size=69 bytes\n");
}

TEST_F(PrintTest, ContinuousStatistics) {
    options.continuous = true;
    make();
    answer(false, 400us);
    next();
    next();
    next();
    answer(false, 200us);
    EXPECT_EQ(reply(), "  unicast, seq=4, size=69 bytes, dist=0, time=0.200ms (0.300 avg, 50% loss)\n");
    answer(true, 200us);
    EXPECT_EQ(reply(), "multicast, seq=4, size=69 bytes, dist=0, time=0.200ms (0.200 avg, 0% loss)\n")
        << "from the first that came";
}

TEST_F(PrintTest, Summary) {
    make();
    for (const auto time : {56us, 95us, 167us}) {
        if (time != 56us) next();
        answer(false, time);
    }
    EXPECT_EQ(summary(),
              "  unicast, xmt/rcv/%loss = 3/3/0%, min/avg/max/std-dev = 0.056/0.106/0.167/0.056\n"
              "multicast, xmt/rcv/%loss = 3/0/100%, min/avg/max/std-dev = 0.000/0.000/0.000/0.000\n");
}

TEST_F(PrintTest, SummaryOfALateGroupAndDuplicates) {
    make();
    for (int sequence = 1; sequence <= 6; ++sequence) {
        if (sequence > 1) next();
        answer(false, 1ms);
        if (sequence <= 2) answer(false, 1ms);
        if (sequence == 3 || sequence == 4 || sequence == 6) answer(true, 1ms);
    }
    EXPECT_EQ(summary(),
              "  unicast, xmt/rcv/%loss = 6/6+2/0%, min/avg/max/std-dev = 1.000/1.000/1.000/0.000\n"
              "multicast, xmt/rcv/%loss = 6/3/50% (seq>=3 25%), min/avg/max/std-dev = 1.000/1.000/1.000/0.000\n");
}

TEST_F(PrintTest, NobodyThere) {
    ClientSettings settings;
    const Random random = [](totem::MutableBytes) {};
    struct : tools::omping::ClientEvents {
        void send(Bytes) override {}
        void waiting() override {}
        void joined() override {}
        void stopped(StopReason) override {}
        void replied(const Reply&) override {}
    } nothing;
    const Client never(settings, random, nothing);
    EXPECT_EQ(own(text().summary(remote, never)), "response message never received\n");
    EXPECT_EQ(own(text().version(remote, never)), "response message not received\n");
}

TEST(Printable, Escapes) {
    EXPECT_EQ(printable(std::string("a\\b\x01\xff z\0", 8)), "a\\\\b\\x01\\xFF z\\x00");
}

}  // namespace
}  // namespace tools::omping
