// Batches against sockets that refuse: what is counted, and what is still tried.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "totem/net/receive_batch.hpp"
#include "totem/net/send_batch.hpp"

namespace testnet {
namespace {

using totem::Bytes;
using totem::NodeAddress;
using totem::net::Counters;
using totem::net::ReceiveBatch;
using totem::net::SendBatch;
using totem::net::Socket;
using totem::net::SocketAddress;

const SocketAddress kPeer[1];  // no address: whom the socket is connected with
const SocketAddress kPeerTwice[2];

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
    totem::MutableBytes space = batch.space(text.size());
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
    } while (batch.full());
    return out;
}

TEST(SendBatchTest, OrderIsKeptAndOneDatagramMayHaveManyTargets) {
    Pair a, b;
    SendBatch batch(64);
    Counters counters;
    const Bytes shared = put(batch, "to both");
    batch.multicast(a.near(), shared, kPeer);
    batch.multicast(b.near(), shared, kPeerTwice);
    batch.token(b.near(), put(batch, "to b"), {});
    EXPECT_FALSE(batch.empty());
    batch.send(counters);
    EXPECT_TRUE(batch.empty());
    EXPECT_EQ(counters.send_calls, 2u);
    EXPECT_EQ(counters.datagrams_out, 4u);
    EXPECT_EQ(counters.bytes_out, 25u);
    EXPECT_EQ(read_all(a.far(), counters), std::vector<std::string>{"to both"});
    EXPECT_EQ(read_all(b.far(), counters), (std::vector<std::string>{"to both", "to both", "to b"}));
}

TEST(SendBatchTest, MulticastsBehindAFullBufferAreDroppedTheTokenIsTried) {
    Pair pair;
    SendBatch batch(64);
    Counters counters;
    constexpr std::size_t kMulticasts = 900;  // more than any default queue of such a socket
    for (std::size_t i = 0; i < kMulticasts; ++i)
        batch.multicast(pair.near(), put(batch, "m"), kPeer);
    batch.token(pair.near(), put(batch, "token"), {});
    batch.send(counters);
    EXPECT_GT(counters.datagrams_out, 0u);
    EXPECT_EQ(counters.datagrams_out + counters.send_no_buffer, kMulticasts + 1);
    EXPECT_EQ(counters.send_calls, 3u) << "what fitted, the refusal, the token";
    EXPECT_EQ(counters.continuous_sendmsg_failures, counters.send_no_buffer);

    std::size_t delivered = counters.datagrams_out;
    EXPECT_EQ(read_all(pair.far(), counters).size(), delivered);
    batch.multicast(pair.near(), put(batch, "again"), kPeer);
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
    const SocketAddress impossible[] = {{inet, 1, 0}};  // an internet address on a local socket
    batch.multicast(good.near(), put(batch, "one"), kPeer);
    batch.multicast(good.near(), put(batch, "bad"), impossible);
    batch.multicast(good.near(), put(batch, "two"), kPeer);
    batch.send(counters);
    EXPECT_EQ(counters.send_failed, 1u);
    EXPECT_EQ(counters.send_no_buffer, 0u);
    EXPECT_EQ(read_all(good.far(), counters), (std::vector<std::string>{"one", "two"}));
}

TEST(SendBatchTest, SaysWhenItIsFull) {
    SendBatch batch(64);
    Counters counters;
    std::size_t added = 0;
    for (; !batch.space(8).empty(); ++added)
        batch.multicast(-1, put(batch, "12345678"), kPeer);
    EXPECT_GE(added, 384u) << "at least one datagram to every member of the largest ring";
    batch.send(counters);
    EXPECT_TRUE(batch.empty());
    EXPECT_EQ(counters.send_failed, added);
    EXPECT_EQ(batch.space(64).size(), 64u);
    while (!batch.space(64).empty())
        put(batch, std::string(64, 'y'));
    batch.send(counters);
    EXPECT_EQ(batch.space(64).size(), 64u);
}

// An internet socket pair on loopback, which takes both kinds of offload.
class OffloadTest : public ::testing::Test {
protected:
    void SetUp() override {
        sender_ = Socket(NodeAddress::kIpv4, "sender");
        receiver_ = Socket(NodeAddress::kIpv4, "receiver");
        NodeAddress loopback;
        loopback.family = NodeAddress::kIpv4;
        loopback.bytes = {127, 0, 0, 1};
        receiver_.bind({loopback, 0, 0});
        sockaddr_in bound{};
        socklen_t size = sizeof bound;
        ASSERT_EQ(::getsockname(receiver_.fd(), reinterpret_cast<sockaddr*>(&bound), &size), 0);
        to_[0] = SocketAddress(loopback, ntohs(bound.sin_port), 0);
        if (!sender_.can_segment()) GTEST_SKIP() << "NOT TESTED, this kernel has no UDP_SEGMENT";
        batch_.offload(true);
    }
    std::vector<std::string> queue(std::initializer_list<std::size_t> sizes) {
        std::vector<std::string> out;
        for (const std::size_t size : sizes) {
            out.emplace_back(size, static_cast<char>('a' + out.size() % 26));
            batch_.multicast(sender_.fd(), put(batch_, out.back()), to_);
        }
        return out;
    }
    std::vector<std::string> received() {
        ReceiveBatch in(4, 2000, true);
        std::vector<std::string> out;
        do {
            const std::size_t count = in.receive(receiver_.fd(), counters_);
            for (std::size_t i = 0; i < count; ++i)
                out.emplace_back(in.at(i).bytes.begin(), in.at(i).bytes.end());
        } while (in.full());
        return out;
    }

    Socket sender_, receiver_;
    SocketAddress to_[1];
    SendBatch batch_{2000};
    Counters counters_;
};

TEST_F(OffloadTest, DatagramsOfOneSizeLeaveAndArriveTogether) {
    receiver_.accept_joined();
    const auto sent = queue({1000, 1000, 1000, 400, 1200, 1200, 7});
    batch_.token(sender_.fd(), put(batch_, "token"), to_[0]);
    batch_.send(counters_);
    EXPECT_EQ(counters_.send_calls, 1u);
    EXPECT_EQ(counters_.datagrams_out, 8u);
    EXPECT_EQ(counters_.offloaded_out, 7u);
    auto expected = sent;
    expected.emplace_back("token");
    EXPECT_EQ(received(), expected);
    EXPECT_EQ(counters_.datagrams_in, 8u);
    EXPECT_EQ(counters_.joined_in, 7u);
    EXPECT_EQ(counters_.bytes_in, counters_.bytes_out);
}

TEST_F(OffloadTest, WhoDoesNotAskForJoinedDatagramsGetsThemOneByOne) {
    const auto sent = queue({900, 900, 900, 3});
    batch_.send(counters_);
    EXPECT_EQ(counters_.offloaded_out, 4u);
    EXPECT_EQ(received(), sent);
    EXPECT_EQ(counters_.joined_in, 0u);
}

TEST_F(OffloadTest, JoinedDatagramsThatAreTooLongAreMarked) {
    receiver_.accept_joined();
    queue({1000, 1000});
    batch_.send(counters_);
    ReceiveBatch in(4, 999, true);
    ASSERT_EQ(in.receive(receiver_.fd(), counters_), 2u);
    EXPECT_TRUE(in.at(0).truncated);
    EXPECT_EQ(in.at(1).bytes.size(), 999u);
}

// The cut of the kernel is refused where the datagrams are larger than the interface takes.
TEST_F(OffloadTest, RefusedOffloadEndsAndNothingIsLost) {
    const int no_checksum = 1;  // UDP_SEGMENT needs one
    ASSERT_EQ(::setsockopt(sender_.fd(), SOL_SOCKET, SO_NO_CHECK, &no_checksum, sizeof no_checksum), 0);
    const auto sent = queue({1000, 1000, 500, 800, 800});
    batch_.send(counters_);
    EXPECT_EQ(counters_.offload_refused, 1u);
    EXPECT_FALSE(batch_.offloads());
    EXPECT_EQ(counters_.datagrams_out, 5u);
    EXPECT_EQ(counters_.unsent(), 0u);
    EXPECT_EQ(received(), sent);
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
