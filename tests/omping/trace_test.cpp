// What -vv and -vvv tell of the datagrams.
#include "tools/omping/trace.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/omping/support.hpp"

namespace tools::omping {
namespace {

using testing::ElementsAre;

const Address kGroup = address("232.43.211.234");
const Endpoint kPeer{address("10.0.0.2"), 4321};

Datagram an_init() {
    return encode_init(client_id(0), kGroup, false);
}

Datagram a_query() {
    return encode_query({.client = client_id(0), .sequence = 7, .time = {}, .group = kGroup, .session = SessionId{}});
}

class TraceTest : public testing::Test, public NodePort {
protected:
    void send(const Endpoint& to, Bytes message) override {
        EXPECT_EQ(to.port, kPeer.port);
        sent_ += message.size();
    }
    void send_to_group(std::uint16_t, Bytes message) override { sent_ += message.size(); }
    Trace trace(bool bytes) {
        return {*this, bytes, [this](const std::string& line) { lines_.push_back(line); }};
    }

    std::size_t sent_ = 0;
    std::vector<std::string> lines_;
};

TEST(Describe, NamesMessages) {
    const Datagram init = an_init(), query = a_query();
    EXPECT_EQ(describe(init), fmt::format("init, {} bytes", init.size()));
    EXPECT_EQ(describe(query), fmt::format("query, seq=7, group 232.43.211.234, {} bytes", query.size()));
    const Datagram accept = encode_accept(*decode(init), kGroup, SessionId{}, "");
    EXPECT_EQ(describe(accept), fmt::format("response, group 232.43.211.234, {} bytes", accept.size()));
    const Datagram stop = encode_stop(*decode(init), "");
    EXPECT_EQ(describe(stop), fmt::format("response, stop, {} bytes", stop.size()));
    const Datagram refuse = encode_refuse(*decode(init), address("239.1.2.3"), "");
    EXPECT_EQ(describe(refuse), fmt::format("response, another group, {} bytes", refuse.size()));
    const Datagram answer = encode_answer(*decode(query), 64, {});
    EXPECT_EQ(describe(answer), fmt::format("answer, seq=7, group 232.43.211.234, {} bytes", answer.size()));
    EXPECT_EQ(describe({}), "no message of omping, 0 bytes");
    const std::array<std::uint8_t, 1> other{'x'};
    EXPECT_EQ(describe(other), "type 120 of another version, 1 bytes");
}

TEST(Dump, HasSixteenBytesALine) {
    Datagram bytes;
    for (std::uint8_t i = 0; i < 18; ++i)
        bytes.push_back(static_cast<std::uint8_t>('0' + i));
    EXPECT_EQ(dump(bytes),
              "  0000  30 31 32 33 34 35 36 37 38 39 3a 3b 3c 3d 3e 3f  0123456789:;<=>?\n"
              "  0010  40 41                                            @A");
    const std::array<std::uint8_t, 2> odd{0, 0x7F};
    EXPECT_TRUE(dump(odd).ends_with("  .."));
    EXPECT_EQ(dump({}), "");
}

TEST_F(TraceTest, TellsWhatGoesAndComes) {
    const Datagram query = a_query();
    const std::string what = describe(query);
    Trace quiet = trace(false);
    quiet.send(kPeer, query);
    quiet.send_to_group(4321, query);
    EXPECT_EQ(sent_, 2 * query.size());
    quiet.received({query, kPeer, false, 0, {}});
    quiet.received({query, kPeer, true, 63, {}});
    EXPECT_THAT(lines_, ElementsAre("sent to 10.0.0.2 port 4321: " + what, "sent to the group, port 4321: " + what,
                                    "received from 10.0.0.2 port 4321: " + what,
                                    "received over the group from 10.0.0.2 port 4321 with ttl 63: " + what));
    lines_.clear();
    trace(true).received({query, kPeer, false, 0, {}});
    EXPECT_THAT(lines_, ElementsAre("received from 10.0.0.2 port 4321: " + what, dump(query)));
}

}  // namespace
}  // namespace tools::omping
