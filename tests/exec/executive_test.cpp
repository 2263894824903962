// Dispatch of executive messages: spec totempg-sync-services.md section 7.

#include "engine/exec/executive.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pg/recording_port.hpp"
#include "tests/stack/virtual_ring.hpp"

namespace engine {
namespace {

using namespace std::chrono_literals;
using totem::Dialect;
using totem::test::Network;
using totem::test::NodeOptions;
using totem::test::VirtualNode;

// A message of group "a" as a peer of byte order `order` sends it.
std::vector<std::uint8_t> group_message(std::uint32_t word, std::size_t size, ByteOrder order) {
    std::vector<std::uint8_t> out(5 + size);
    totem::Writer writer(out, order);
    writer.u16(1);
    writer.u16(1);
    writer.u8('a');
    std::vector<std::uint8_t> body(std::max<std::size_t>(size, 4));
    totem::Writer(body, order).u32(word);
    writer.bytes(Bytes(body).first(size));
    return out;
}

void inject(VirtualNode& node, std::uint32_t word, std::size_t size = 16, ByteOrder order = totem::kNativeOrder) {
    const auto packet = totem::test::make_packet(0, 0, {group_message(word, size, order)}, order);
    totem::srp::Message message;
    message.originator = 2;
    message.order = order;
    message.payload = packet;
    node.stack.groups().deliver(message);
}

TEST(Executive, DropsWhatNoServiceUnderstands) {
    Network net;
    VirtualNode& node = net.start(1);
    std::vector<std::vector<std::uint32_t>> warnings;
    node.exec.on_unknown_function([&](std::uint32_t function, std::uint32_t service, std::uint32_t count) {
        warnings.push_back({function, service, count});
    });
    std::uint64_t dropped = node.exec.dropped_unknown();
    for (std::size_t size = 0; size < kExecHeaderSize; ++size) {
        inject(node, 0x00040000, size);
        EXPECT_EQ(node.exec.dropped_unknown(), ++dropped) << size;
    }
    for (std::uint32_t word : {0x00060000u, 0x003f0000u, 0x00400000u, 0xffff0000u}) {  // absent, beyond the table
        inject(node, word);
        EXPECT_EQ(node.exec.dropped_unknown(), ++dropped);
    }
    EXPECT_TRUE(warnings.empty());
    inject(node, 0x00020007);
    inject(node, 0x0000ffff);
    inject(node, 0x00030000);  // quorum has no messages
    EXPECT_EQ(warnings, (std::vector<std::vector<std::uint32_t>>{{7, 2, 7}, {0xffff, 0, 1}, {0, 3, 0}}));
    EXPECT_EQ(node.exec.dropped_unknown(), dropped + 3);
}

TEST(Executive, SwappedIdsReachTheirService) {
    Network net;
    VirtualNode& node = net.start(1);
    inject(node, 0x00040001, 16, ByteOrder::little);
    inject(node, 0x00040001, 16, ByteOrder::big);
    EXPECT_EQ(node.pload.ignored(), 2u);
    EXPECT_EQ(node.exec.counters(kPloadService, 1).rx, 2u);
    EXPECT_EQ(node.exec.counters(kPloadService, 0).rx, 0u);
    EXPECT_EQ(node.exec.dropped_unknown(), 0u);
}

TEST(Executive, CountsWhatIsSentAndReceived) {
    for (ByteOrder order : {ByteOrder::little, ByteOrder::big}) {
        NodeOptions options;
        options.order = order;
        Network net(options);
        VirtualNode& node = net.start(1);
        ASSERT_TRUE(net.settle({1}));
        EXPECT_EQ(node.exec.counters(kCmapService, 0).tx, 1u);
        EXPECT_EQ(node.exec.counters(kCmapService, 0).rx, 1u);
        EXPECT_EQ(node.exec.counters(kCpgService, 5).tx, 1u);
        EXPECT_EQ(node.exec.counters(kVotequorumService, 0).tx, 3u) << "one at start, two in the synchronisation";
        EXPECT_EQ(node.exec.counters(kVotequorumService, 0).rx, 3u);
        EXPECT_EQ(node.exec.counters(99, 0).rx, 0u);
        EXPECT_EQ(node.exec.counters(kCmapService, 99).rx, 0u);
        EXPECT_EQ(node.exec.dropped_unknown(), 0u);
    }
}

TEST(Executive, RefusesWhatCannotBeSent) {
    Network net;
    VirtualNode& node = net.start(1);
    const std::vector<Bytes> chunks(totem::pg::kMaxChunks);
    EXPECT_FALSE(node.exec.multicast(kCpgService, 3, chunks));
    const std::vector<std::uint8_t> huge(totem::kMaxMessage);
    const Bytes chunk = huge;
    EXPECT_FALSE(node.exec.multicast(kCpgService, 3, {&chunk, 1}));
    EXPECT_EQ(node.exec.counters(kCpgService, 3).tx, 0u);
    EXPECT_EQ(node.exec.service(kCpgService), static_cast<Service*>(&node.cpg));
    EXPECT_EQ(node.exec.service(63), nullptr);
    EXPECT_EQ(node.exec.service(64), nullptr);
}

// Nodes of both byte orders in one ring, with groups and quorum.
TEST(Executive, ByteOrdersShareARing) {
    for (Dialect dialect : {Dialect::v2, Dialect::v3}) {
        NodeOptions little, big;
        little.dialect = big.dialect = dialect;
        little.order = ByteOrder::little;
        big.order = ByteOrder::big;
        Network net;
        net.start(1, little);
        net.start(2, big);
        ASSERT_TRUE(net.settle({1, 2}));
        EXPECT_TRUE(net.node(1).quorum.quorate());
        EXPECT_TRUE(net.node(2).quorum.quorate());
        for (NodeId id : {1u, 2u}) {
            net.node(id).cpg.connected(1);
            ASSERT_EQ(net.node(id).cpg.join(1, {"g"}, id * 10, 0), cpg::kOk);
        }
        net.run_for(1s);
        const std::vector<std::uint8_t> data(5000, 7);
        for (NodeId id : {1u, 2u})
            ASSERT_EQ(net.node(id).cpg.mcast(1, data), cpg::kOk);
        net.run_for(1s);
        EXPECT_EQ(net.node(1).delivered.size(), 2u);
        EXPECT_EQ(net.node(1).delivered, net.node(2).delivered);
        EXPECT_TRUE(net.node(1).confchgs.back().starts_with("m 1:10 2:20 l j "));
        EXPECT_EQ(net.node(1).confchgs.back(), net.node(2).confchgs.back());
    }
}

}  // namespace
}  // namespace engine
