// Messages of all sizes through unmodified libcpg (client-ipc.md 7.3, 7.4, 7.7, 7.9).

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/ipc/cpg_client.hpp"
#include "tests/ipc/isolation.hpp"
#include "tests/ipc/test_node.hpp"

namespace ipc_test {
namespace {

std::string pattern(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        text[i] = static_cast<char>((i * 2654435761u) >> 13);
    return text;
}

class CpgMessage : public ::testing::TestWithParam<engine::ipc::Transport> {
protected:
    void SetUp() override {
        if (!isolated()) GTEST_SKIP() << "NOT TESTED, needs the right to enter namespaces";
        NodeOptions options;
        options.server.transport = GetParam();
        node = std::make_unique<TestNode>(options);
    }
    std::unique_ptr<TestNode> node;
};

TEST_P(CpgMessage, ReachesAllMembersOfItsGroupOnly) {
    CpgClient sender, other_group;
    Child receiver({"echo", "g"});
    ASSERT_EQ(receiver.read_line(), "joined");
    ASSERT_TRUE(sender.joined("g"));
    ASSERT_TRUE(other_group.joined("h"));
    ASSERT_EQ(sender.mcast("hello"), CS_OK);
    ASSERT_EQ(sender.mcast(""), CS_OK);
    ASSERT_TRUE(sender.dispatch_until([&] { return sender.deliveries.size() == 2; }));
    EXPECT_EQ(sender.deliveries[0].data, "hello");
    EXPECT_EQ(sender.deliveries[0].node, kLocal);
    EXPECT_EQ(sender.deliveries[0].pid, static_cast<std::uint32_t>(::getpid()));
    EXPECT_EQ(sender.deliveries[1].data, "");
    EXPECT_EQ(receiver.read_line(), "hello");
    ASSERT_EQ(other_group.dispatch_some(), CS_OK);
    EXPECT_TRUE(other_group.deliveries.empty());
}

TEST_P(CpgMessage, BeforeJoiningGoesNowhere) {
    CpgClient client;
    EXPECT_EQ(client.mcast("lost"), CS_OK);
    ASSERT_TRUE(client.joined("g"));
    EXPECT_EQ(client.mcast("found"), CS_OK);
    ASSERT_TRUE(client.dispatch_until([&] { return !client.deliveries.empty(); }));
    EXPECT_EQ(client.deliveries[0].data, "found");
}

TEST_P(CpgMessage, OfTheLargestSizeInOnePiece) {
    CpgClient client;
    ASSERT_TRUE(client.joined("g"));
    std::uint32_t largest = 0;
    ASSERT_EQ(cpg_max_atomic_msgsize_get(client.handle, &largest), CS_OK);
    ASSERT_EQ(largest, 1047552u);
    const std::string text = pattern(largest);
    ASSERT_EQ(client.mcast(text), CS_OK);
    ASSERT_TRUE(client.dispatch_until([&] { return client.deliveries.size() == 1; }));
    EXPECT_EQ(client.deliveries[0].data, text);
}

TEST_P(CpgMessage, OfThreeMegabytesInFragments) {
    CpgClient client;
    ASSERT_TRUE(client.joined("g"));
    const std::string text = pattern(3000000);
    for (int i = 0; i < 3; ++i)
        ASSERT_EQ(client.mcast(text), CS_OK);
    ASSERT_TRUE(client.dispatch_until([&] { return client.deliveries.size() == 3; }));
    for (const auto& delivery : client.deliveries)
        EXPECT_EQ(delivery.data, text);
}

TEST_P(CpgMessage, ManyInOrder) {
    constexpr std::size_t kMessages = 20000;
    CpgClient client;
    ASSERT_TRUE(client.joined("g"));
    for (std::size_t i = 0; i < kMessages; ++i) {
        ASSERT_EQ(client.mcast(std::to_string(i)), CS_OK);
        if (i % 64 != 0) continue;
        ASSERT_EQ(client.dispatch_some(), CS_OK);
    }
    ASSERT_TRUE(client.dispatch_until([&] { return client.deliveries.size() == kMessages; }));
    for (std::size_t i = 0; i < kMessages; ++i)
        ASSERT_EQ(client.deliveries[i].data, std::to_string(i));
}

TEST_P(CpgMessage, WhereverInTheRequestRingItLies) {
    // Large messages go most of the way round the ring of a good MiB, small ones over its end, each time in another
    // step.
    CpgClient client;
    ASSERT_TRUE(client.joined("g"));
    std::size_t sent = 0, got = 0;
    const auto send = [&](std::size_t size) {
        std::string text = std::to_string(sent++);
        text.resize(std::max(text.size(), size), '.');
        return client.mcast(text) == CS_OK;
    };
    for (std::size_t round = 0; round < 24; ++round) {
        for (int i = 0; i < 15; ++i)
            ASSERT_TRUE(send(65500 + 4 * round));
        for (int i = 0; i < 1400; ++i)
            ASSERT_TRUE(send(0));
        ASSERT_TRUE(client.dispatch_until([&] { return client.deliveries.size() >= sent - got; }))
            << client.deliveries.size() << " of " << sent - got << " messages in round " << round;
        for (const auto& delivery : client.deliveries)
            ASSERT_EQ(std::stoul(delivery.data), got++);
        client.deliveries.clear();
    }
}

INSTANTIATE_TEST_SUITE_P(Transports, CpgMessage,
                         ::testing::Values(engine::ipc::Transport::native, engine::ipc::Transport::socket),
                         [](const auto& suite) {
                             return suite.param == engine::ipc::Transport::native ? "SharedMemory" : "Socket";
                         });

}  // namespace
}  // namespace ipc_test
