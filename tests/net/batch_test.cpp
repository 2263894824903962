// Batches against sockets that refuse: what is counted, and what is still tried.

#include "totem/net/batch.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <string>

namespace testnet {
namespace {

using totem::Bytes;
using totem::net::Counters;
using totem::net::ReceiveBatch;
using totem::net::SendBatch;
using totem::net::SocketAddress;
using Kind = SendBatch::Kind;

// A connected pair of datagram sockets: its queue is short, and nothing is lost in it. Targets without
// an address go to the peer.
class Pair {
public:
    Pair() {
        if (::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds_) != 0) throw "socketpair";
    }
    ~Pair() {
        for (int fd : fds_)
            ::close(fd);
    }
    int near() const { return fds_[0]; }
    int far() const { return fds_[1]; }

private:
    int fds_[2];
};

Bytes put(SendBatch& batch, const std::string& text) {
    totem::MutableBytes space = batch.space();
    EXPECT_GE(space.size(), text.size());
    std::memcpy(space.data(), text.data(), text.size());
    return batch.commit(text.size());
}

std::vector<std::string> read_all(int fd, Counters& counters, std::size_t capacity = 64) {
    ReceiveBatch batch(16, capacity);
    std::vector<std::string> out;
    std::size_t count;
    do {
        count = batch.receive(fd, counters);
        for (std::size_t i = 0; i < count; ++i) {
            auto datagram = batch.at(i);
            out.emplace_back(datagram.bytes.begin(), datagram.bytes.end());
            if (datagram.truncated) out.back() += "...";
        }
    } while (count == batch.capacity());
    return out;
}

TEST(SendBatchTest, OrderIsKeptAndOneDatagramMayHaveManyTargets) {
    Pair a, b;
    SendBatch batch(64);
    Counters counters;
    Bytes shared = put(batch, "to both");
    EXPECT_TRUE(batch.add(a.near(), Kind::multicast, shared, {}));
    EXPECT_TRUE(batch.add(b.near(), Kind::multicast, shared, {}));
    EXPECT_TRUE(batch.add(b.near(), Kind::token, put(batch, "to b"), {}));
    EXPECT_FALSE(batch.empty());
    batch.send(counters);
    EXPECT_TRUE(batch.empty());
    EXPECT_EQ(counters.send_calls, 2u);
    EXPECT_EQ(counters.datagrams_out, 3u);
    EXPECT_EQ(counters.bytes_out, 18u);
    EXPECT_EQ(read_all(a.far(), counters), std::vector<std::string>{"to both"});
    EXPECT_EQ(read_all(b.far(), counters), (std::vector<std::string>{"to both", "to b"}));
}

TEST(SendBatchTest, MulticastsBehindAFullBufferAreDroppedTheTokenIsTried) {
    Pair pair;
    SendBatch batch(64);
    Counters counters;
    constexpr std::size_t kMulticasts = 900;  // more than any default queue of such a socket
    for (std::size_t i = 0; i < kMulticasts; ++i)
        batch.add(pair.near(), Kind::multicast, put(batch, "m"), {});
    batch.add(pair.near(), Kind::token, put(batch, "token"), {});
    batch.send(counters);
    EXPECT_GT(counters.datagrams_out, 0u);
    EXPECT_EQ(counters.datagrams_out + counters.send_no_buffer, kMulticasts + 1);
    EXPECT_EQ(counters.send_calls, 3u) << "what fitted, the refusal, the token";
    EXPECT_EQ(counters.continuous_sendmsg_failures, counters.send_no_buffer);

    std::size_t delivered = counters.datagrams_out;
    EXPECT_EQ(read_all(pair.far(), counters).size(), delivered);
    batch.add(pair.near(), Kind::multicast, put(batch, "again"), {});
    batch.send(counters);
    EXPECT_EQ(counters.continuous_sendmsg_failures, 0u);
    EXPECT_EQ(read_all(pair.far(), counters), std::vector<std::string>{"again"});
}

TEST(SendBatchTest, OtherErrorsCostOnlyTheirDatagram) {
    Pair good;
    SendBatch batch(64);
    Counters counters;
    totem::NodeAddress inet;
    inet.family = totem::NodeAddress::kIpv4;
    SocketAddress impossible(inet, 1, 0);  // an internet address on a local socket
    batch.add(good.near(), Kind::multicast, put(batch, "one"), {});
    batch.add(good.near(), Kind::multicast, put(batch, "bad"), impossible);
    batch.add(good.near(), Kind::multicast, put(batch, "two"), {});
    batch.send(counters);
    EXPECT_EQ(counters.send_failed, 1u);
    EXPECT_EQ(counters.send_no_buffer, 0u);
    EXPECT_EQ(read_all(good.far(), counters), (std::vector<std::string>{"one", "two"}));
}

TEST(SendBatchTest, SaysWhenItIsFull) {
    Pair pair;
    SendBatch batch(64);
    Counters counters;
    Bytes datagram = put(batch, "x");
    std::size_t added = 0;
    while (batch.add(pair.near(), Kind::multicast, datagram, {}))
        ++added;
    EXPECT_GE(added, 384u) << "at least one datagram to every member of the largest ring";
    batch.send_and_keep(counters);
    EXPECT_TRUE(batch.empty());
    read_all(pair.far(), counters);
    EXPECT_TRUE(batch.add(pair.near(), Kind::multicast, datagram, {}));
    batch.send(counters);
    EXPECT_EQ(read_all(pair.far(), counters), std::vector<std::string>{"x"}) << "kept datagrams stay good";

    while (!batch.space().empty())
        put(batch, std::string(64, 'y'));
    batch.send(counters);
    EXPECT_EQ(batch.space().size(), 64u);
}

TEST(ReceiveBatchTest, LongDatagramsAreMarked) {
    Pair pair;
    Counters counters;
    ASSERT_EQ(::send(pair.near(), "12345678", 8, 0), 8);
    ASSERT_EQ(::send(pair.near(), "123456789", 9, 0), 9);
    ASSERT_EQ(::send(pair.near(), "", 0, 0), 0);
    EXPECT_EQ(read_all(pair.far(), counters, 8), (std::vector<std::string>{"12345678", "12345678...", ""}));
    EXPECT_EQ(counters.datagrams_in, 3u);
    EXPECT_EQ(counters.receive_calls, 1u);
    EXPECT_TRUE(read_all(pair.far(), counters).empty());
}

}  // namespace
}  // namespace testnet
