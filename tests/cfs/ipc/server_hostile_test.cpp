// Clients that lie, flood, read nothing or die: the others are served, and nothing of theirs stays.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "tests/cfs/ipc/running_server.hpp"
#include "tests/ipc/isolation.hpp"

namespace cfs::ipc::test {
namespace {

class HostileClients : public ::testing::Test {
protected:
    void SetUp() override {
        if (!ipc_test::isolated()) GTEST_SKIP() << "NOT TESTED, needs the right to enter namespaces";
        server.emplace();
    }
    void TearDown() override {
        if (IsSkipped()) return;
        EXPECT_EQ(Client().ask(1).answer.data, "version");
        EXPECT_TRUE(server->settles_at(0));
        EXPECT_EQ(shared_memory_entries(), 0u);
    }

    std::optional<RunningServer> server;
};

TEST_F(HostileClients, SizesThatLie) {
    for (const std::int32_t size : {-1, 0, 1, 15, 17, 4096, 1048576, INT32_MAX, INT32_MIN}) {
        Client client;
        auto message = request(kGetConfig, text("corosync.conf"));
        RequestHeader header{.id = kGetConfig, .size = size};
        std::memcpy(message.data(), &header, sizeof header);
        ASSERT_EQ(client.send(message), static_cast<ssize_t>(message.size()));
        const auto got = client.receive();
        EXPECT_EQ(got.answer.error, -EINVAL) << size;
        EXPECT_EQ(client.ask(1).answer.data, "version") << size;
    }
}

TEST_F(HostileClients, SmallAndLargestRequests) {
    Client client;
    constexpr std::size_t kBody = std::size_t{8192} * 128 - sizeof(RequestHeader);
    EXPECT_EQ(client.ask(kSetStatus, name("kv") + std::string(kBody - 256, 'x')).answer.error, -EFBIG);
    EXPECT_EQ(client.ask(kGetConfig, std::string(kBody, 'x')).answer.error, -EINVAL);
    EXPECT_EQ(client.ask(kGetConfig, std::string(kBody - 1, '/') + '\0').answer.error, -ENOENT);
    EXPECT_EQ(client.ask(1).answer.data, "version");
}

TEST_F(HostileClients, WhoAsksForRingsLargerThanAnyAnswer) {
    const Client client(std::size_t{64} << 20);
    EXPECT_FALSE(client.connected());
    EXPECT_EQ(client.connect_error(), EINVAL);
}

TEST_F(HostileClients, WhoHasNoRoomForTheAnswerLearnsIt) {
    server->on_loop([&] { server->backend.put("large", std::string(200000, 'x')); });
    Client client(20000);
    EXPECT_EQ(client.ask(kGetConfig, text("large")).answer.error, -EFBIG);
    EXPECT_EQ(client.ask(1).answer.data, "version");
}

TEST_F(HostileClients, WhoReadsNothingIsDisconnectedAndHoldsUpNobody) {
    server->on_loop([&] { server->backend.put("large", std::string(500000, 'x')); });
    Client other;
    Client silent;
    ASSERT_TRUE(other.connected() && silent.connected());
    ASSERT_EQ(server->connections(), 2u);
    ssize_t sent = 0;
    for (int i = 0; i < 1000 && sent >= 0; ++i) {
        sent = silent.send(request(kGetConfig, text("large")));
        ASSERT_EQ(other.ask(1).answer.data, "version");
    }
    EXPECT_LT(sent, 0);
    EXPECT_TRUE(server->settles_at(1));
    ASSERT_EQ(server->events().size(), 1u);
    EXPECT_EQ(server->events()[0].severity, Severity::warning);
}

TEST_F(HostileClients, FloodsDoNotStarveOthers) {
    // A process that keeps its request ring full as long as it lives, and reads what comes.
    int ready[2];
    ASSERT_EQ(::pipe2(ready, O_CLOEXEC), 0);
    const pid_t flood = ::fork();
    if (flood == 0) {
        Client client;
        const auto message = request(1);
        for (int i = 0;; ++i) {
            if (i == 10 && ::write(ready[1], "x", 1) != 1) ::_exit(2);
            for (int burst = 0; burst < 100; ++burst) {
                if (client.send(message) < 0) break;
            }
            if (client.receive().transport < 0) ::_exit(1);
        }
    }
    char byte;
    ASSERT_EQ(::read(ready[0], &byte, 1), 1);
    Client other;
    for (int i = 0; i < 200; ++i)
        ASSERT_EQ(other.ask(1).answer.data, "version");
    ::kill(flood, SIGKILL);
    ::waitpid(flood, nullptr, 0);
    ::close(ready[0]);
    ::close(ready[1]);
}

TEST_F(HostileClients, WhoDiesLeavesNothing) {
    server->on_loop([&] { server->backend.put("large", std::string(500000, 'x')); });
    EXPECT_EQ(as_user(0, 0,
                      [] {
                          Client client;
                          (void)client.send(request(kGetConfig, text("large")));
                          return ::raise(SIGKILL);
                      }),
              -SIGKILL);
    EXPECT_TRUE(server->settles_at(0));
    EXPECT_EQ(shared_memory_entries(), 0u);
}

TEST_F(HostileClients, HandshakesThatEndHalfwayOrNever) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, "pve2", 4);
    std::vector<int> sockets;
    for (int i = 0; i < 20; ++i) {
        const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        ASSERT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        if (i % 2 == 0) {
            ASSERT_EQ(::send(fd, "abc", 3, MSG_NOSIGNAL), 3);
        }
        sockets.push_back(fd);
    }
    EXPECT_EQ(Client().ask(1).answer.data, "version");
    for (const int fd : sockets)
        ::close(fd);
}

TEST(ReaderFlood, LeavesRoomForRoot) {
    if (!ipc_test::isolated()) GTEST_SKIP() << "NOT TESTED, needs the right to enter namespaces";
    RunningServer server({.era = Era::p9, .www_data = RunningServer::kReaders, .read_only_connections = 2});
    EXPECT_EQ(as_user(1234, RunningServer::kReaders,
                      [] {
                          const Client first(8192), second(8192), third(8192);
                          if (!first.connected() || !second.connected()) return 1;
                          return !third.connected() && third.connect_error() == EMFILE ? 0 : 2;
                      }),
              0);
    EXPECT_EQ(Client().ask(1).answer.data, "version");
    EXPECT_TRUE(server.settles_at(0));
    EXPECT_EQ(shared_memory_entries(), 0u);
}

}  // namespace
}  // namespace cfs::ipc::test
