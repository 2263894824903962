// Requests no client library would send (client-ipc.md sections 3.1, 4.2 and 7.3): each gets its answer
// and the server goes on.

#include <gtest/gtest.h>
#include <qb/qbipcc.h>

#include <cstring>
#include <memory>
#include <random>

#include "engine/ipc/cpg_messages.hpp"
#include "tests/ipc/cpg_client.hpp"
#include "tests/ipc/isolation.hpp"
#include "tests/ipc/test_node.hpp"

namespace ipc_test {
namespace {

using namespace engine::ipc;
using namespace engine::ipc::cpg_wire;

class BadRequest : public ::testing::TestWithParam<Transport> {
protected:
    void SetUp() override {
        if (!isolated()) GTEST_SKIP() << "NOT TESTED, needs the right to enter namespaces";
        NodeOptions options;
        options.server.transport = GetParam();
        node = std::make_unique<TestNode>(options);
        connect();
    }

    void connect() {
        raw.reset(qb_ipcc_connect("cpg", engine::ipc::kMaxMessage));
        ASSERT_NE(raw, nullptr);
    }

    // Sends `length` bytes that claim to be `size`; the error of the response.
    int ask(int id, int size, std::size_t length, std::vector<std::uint8_t> body = {}) {
        std::vector<std::uint8_t> message(std::max(length, sizeof(RequestHeader)));
        if (!body.empty()) std::memcpy(message.data() + sizeof(RequestHeader), body.data(), body.size());
        const RequestHeader header{.id = id, .size = size};
        std::memcpy(message.data(), &header, sizeof header);
        if (qb_ipcc_send(raw.get(), message.data(), length) != static_cast<ssize_t>(length)) return -1;
        std::vector<std::uint8_t> answer(16384);
        if (qb_ipcc_recv(raw.get(), answer.data(), answer.size(), patience) < 24) return -2;
        ResponseHeader response;
        std::memcpy(&response, answer.data(), sizeof response);
        return response.error;
    }

    int patience = 10000;  // ms to wait for a response

    struct Disconnect {
        void operator()(qb_ipcc_connection_t* connection) { qb_ipcc_disconnect(connection); }
    };
    std::unique_ptr<TestNode> node;
    std::unique_ptr<qb_ipcc_connection_t, Disconnect> raw;
};

TEST_P(BadRequest, UnknownIds) {
    for (const int id : {13, 14, 1000, 0x7fffffff, -5, -0x7fffffff})
        EXPECT_EQ(ask(id, 16, 16), kCsInvalidParam) << id;
    EXPECT_EQ(ask(kLocalGet, 16, 16), kCsOk);
    EXPECT_EQ(node->stats_of(::getpid()).invalid_request, 6u);
}

TEST_P(BadRequest, TooShortForTheirId) {
    for (int id = 0; id < 13; ++id) {
        if (id == kMcast || id == kLocalGet || id == kFinalize) continue;
        EXPECT_EQ(ask(id, 16, 16), kCsInvalidParam) << id;
    }
    EXPECT_EQ(ask(kJoin, 167, 168), kCsInvalidParam);
}

TEST_P(BadRequest, ImpossibleSizes) {
    for (const int size : {0, 15, -1, 0x7fffffff}) {
        patience = GetParam() == Transport::socket ? 200 : 10000;
        const int answer = ask(kLocalGet, size, 16);
        patience = 10000;
        if (GetParam() == Transport::socket) {
            connect();  // there libqb itself may end the connection
        } else {
            EXPECT_EQ(answer, kCsInvalidParam) << size;
        }
        EXPECT_EQ(ask(kLocalGet, 16, 16), kCsOk);
    }
}

TEST_P(BadRequest, ClaimingMoreThanWasSent) {
    if (GetParam() == Transport::socket) GTEST_SKIP() << "the length received is not known there";
    EXPECT_EQ(ask(kMembership, 152, 16), kCsInvalidParam);
    EXPECT_EQ(ask(kJoin, 168, 160), kCsInvalidParam);
}

TEST_P(BadRequest, PartialMessagesThatContradictThemselves) {
    const auto ask_partial = [&](std::uint32_t total, std::uint32_t fragment, std::uint32_t type, std::size_t payload) {
        std::vector<std::uint8_t> body(40 + payload);
        std::memcpy(body.data() + 16, &total, 4);
        std::memcpy(body.data() + 24, &fragment, 4);
        std::memcpy(body.data() + 32, &type, 4);
        return ask(kPartialMcast, static_cast<int>(56 + payload), 56 + payload, body);
    };
    EXPECT_EQ(ask_partial(100, 51, 1, 50), kCsInvalidParam);
    EXPECT_EQ(ask_partial(100, 0xffffffff, 1, 50), kCsInvalidParam);
    EXPECT_EQ(ask_partial(10, 50, 1, 50), kCsInvalidParam);
    EXPECT_EQ(ask_partial(100, 50, 0, 50), kCsInvalidParam);
    EXPECT_EQ(ask_partial(100, 50, 4, 50), kCsInvalidParam);
    EXPECT_EQ(ask_partial(100, 50, 1, 50), kCsNotExist) << "not joined";
}

TEST_P(BadRequest, MulticastLongerThanItsMessageIsCountedAndNotSent) {
    std::vector<std::uint8_t> message(48);
    const ResponseHeader header{.id = kMcast, .size = 48};
    const std::uint32_t length = 9;
    std::memcpy(message.data(), &header, sizeof header);
    std::memcpy(message.data() + 32, &length, sizeof length);
    ASSERT_EQ(qb_ipcc_send(raw.get(), message.data(), message.size()), 48);
    EXPECT_EQ(ask(kLocalGet, 16, 16), kCsOk) << "and no response came for it";
    EXPECT_EQ(node->stats_of(::getpid()).invalid_request, 1u);
}

TEST_P(BadRequest, Names) {
    std::vector<std::uint8_t> body(152);
    const std::uint32_t length = 129;
    std::memcpy(body.data(), &length, sizeof length);
    EXPECT_EQ(ask(kJoin, 168, 168, body), kCsNameTooLong);
    body.resize(136);
    EXPECT_EQ(ask(kMembership, 152, 152, body), kCsInvalidParam);
    body.resize(144);
    EXPECT_EQ(ask(kIterationInitialize, 160, 160, body), kCsOk) << "the name counts for one group only";
    body[136] = 2;
    EXPECT_EQ(ask(kIterationInitialize, 160, 160, body), kCsInvalidParam);
}

TEST_P(BadRequest, HandlesNobodyGave) {
    const std::vector<std::uint8_t> body(8, 0xee);
    EXPECT_EQ(ask(kIterationNext, 24, 24, body), kCsLibrary);
    EXPECT_EQ(ask(kIterationFinalize, 24, 24, body), kCsLibrary);
    EXPECT_EQ(ask(kZcExecute, 24, 24, body), kCsInvalidParam);
    EXPECT_EQ(ask(kZcFree, 32, 32, std::vector<std::uint8_t>(16, 0xee)), kCsInvalidParam);
}

TEST_P(BadRequest, TooManyIterationsAreRefused) {
    int accepted = 0;
    const std::vector<std::uint8_t> body(144);
    while (accepted < 1000 && ask(kIterationInitialize, 160, 160, body) == kCsOk)
        ++accepted;
    EXPECT_GT(accepted, 10);
    EXPECT_LT(accepted, 1000);
}

TEST_P(BadRequest, RandomRequestsLeaveTheServerServing) {
    std::mt19937 random(20240607);
    for (int i = 0; i < 3000; ++i) {
        const std::size_t length = 16 + random() % 300;
        std::vector<std::uint8_t> message(length);
        for (auto& byte : message)
            byte = static_cast<std::uint8_t>(random() % 4 == 0 ? random() : 0);
        const RequestHeader header{.id = static_cast<int>(random() % 14),
                                   .size = static_cast<int>(random() % 3 != 0 ? length : random() % 600)};
        std::memcpy(message.data(), &header, sizeof header);
        const ssize_t sent = qb_ipcc_send(raw.get(), message.data(), length);
        if (sent != static_cast<ssize_t>(length) && sent != -EAGAIN) connect();  // libqb ended it over a size
        std::vector<std::uint8_t> answer(16384);
        while (qb_ipcc_recv(raw.get(), answer.data(), answer.size(), 0) > 0) {
        }
    }
    CpgClient client;
    ASSERT_EQ(client.opened, CS_OK);
    EXPECT_TRUE(client.joined("after"));
}

TEST_P(BadRequest, AClientThatNeverReadsItsResponsesIsDisconnected) {
    const RequestHeader header{.id = kMembership, .size = 152};
    std::vector<std::uint8_t> message(152);
    std::memcpy(message.data(), &header, sizeof header);
    for (int i = 0; i < 100000 && node->on_loop([&] { return node->server().global_stats().closed; }) == 0; ++i) {
        (void)qb_ipcc_send(raw.get(), message.data(), message.size());
    }
    EXPECT_EQ(node->on_loop([&] { return node->server().global_stats().closed; }), 1u);
    CpgClient client;
    EXPECT_EQ(client.opened, CS_OK);
}

INSTANTIATE_TEST_SUITE_P(Transports, BadRequest, ::testing::Values(Transport::native, Transport::socket),
                         [](const auto& suite) {
                             return suite.param == Transport::native ? "SharedMemory" : "Socket";
                         });

}  // namespace
}  // namespace ipc_test
