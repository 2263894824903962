// Framing, admission and every request through libqb's client.

#include <gtest/gtest.h>
#include <unistd.h>

#include <optional>
#include <system_error>

#include "tests/cfs/ipc/running_server.hpp"
#include "tests/ipc/isolation.hpp"

namespace cfs::ipc::test {
namespace {

class IpcServer : public ::testing::Test {
protected:
    void SetUp() override {
        if (!ipc_test::isolated()) GTEST_SKIP() << "NOT TESTED, needs the right to enter namespaces";
        server.emplace();
    }
    static void expect(const Client::Received& got, std::int32_t id, std::int32_t error, std::string_view data = {}) {
        EXPECT_EQ(got.id, id);
        EXPECT_EQ(got.answer.error, error);
        EXPECT_EQ(got.answer.data, data);
    }

    std::optional<RunningServer> server;
};

TEST_F(IpcServer, AnswersEveryRequest) {
    server->on_loop([&] {
        server->backend.put("corosync.conf", "totem {}\n");
        server->backend.put("priv/token.cfg", "root@pam!a 11\n");
        server->backend.put("nodes/node1/qemu-server/100.conf", "cores: 2\n");
    });
    Client client;
    ASSERT_TRUE(client.connected());
    expect(client.ask(1), 1, 0, "version");
    expect(client.ask(2), 2, 0, "members");
    expect(client.ask(3), 3, 0, "guests");
    expect(client.ask(4, name("kv") + "value"), 4, 0);
    expect(client.ask(5, name("kv") + name("")), 5, 0, "value");
    expect(client.ask(6, text("/corosync.conf")), 6, 0, "totem {}\n");
    expect(client.ask(7, log_line(6, "root", "tag", "text")), 7, 0);
    expect(client.ask(8, number(3) + number(0) + number(0) + number(0) + text("root")), 8, 0, "3 of root");
    expect(client.ask(9), 9, -ECHRNG);
    expect(client.ask(10), 10, 0, std::string_view("pve2-node/node1:1:2\n\0", 21));
    expect(client.ask(11, number(100) + text("cores")), 11, 0, "{\n\"100\":{\"cores\": \"2\"}\n}\n");
    expect(client.ask(12, text("root@pam!a 11")), 12, 0);
    expect(client.ask(13, property_names(0, {"cores"})), 13, 0, "{\n\"100\":{\"cores\": \"2\"}\n}\n");
    expect(client.ask(14), 14, -ECHRNG);
    server->on_loop([&] {
        const FakeBackend::Logged line{6, static_cast<std::uint32_t>(::getpid()), "root", "tag", "text"};
        EXPECT_EQ(server->backend.logged, std::vector{line});
    });
}

TEST_F(IpcServer, ErrorsHaveNoDataAndKeepTheConnection) {
    Client client;
    expect(client.ask(1, "x"), 1, -EINVAL);
    expect(client.ask(4, "short"), 4, -EINVAL);
    expect(client.ask(5, name("none") + name("")), 5, -ENOENT);
    expect(client.ask(6, text("none")), 6, -ENOENT);
    expect(client.ask(7, "x"), 7, -EINVAL);
    expect(client.ask(11, number(100) + text("cores")), 11, -ENOENT);
    expect(client.ask(1), 1, 0, "version");
}

TEST_F(IpcServer, ReadersReadOnly) {
    server->on_loop([&] {
        server->backend.put("storage.cfg", "dir: local\n");
        server->backend.put("priv/shadow.cfg", "secret");
    });
    EXPECT_EQ(as_user(1234, RunningServer::kReaders,
                      [] {
                          Client client;
                          if (!client.connected()) return 1;
                          if (client.ask(4, name("kv") + "value").answer.error != -EPERM) return 4;
                          if (client.ask(7, log_line(6, "root", "tag", "text")).answer.error != -EPERM) return 7;
                          if (client.ask(6, text("//priv/shadow.cfg")).answer.error != -EPERM) return 6;
                          return client.ask(6, text("storage.cfg")).answer.data == "dir: local\n" ? 0 : 9;
                      }),
              0);
    EXPECT_EQ(as_user(0, RunningServer::kReaders,
                      [] {
                          Client client;
                          return client.ask(4, name("kv") + "value").answer.error == -EPERM ? 0 : 1;
                      }),
              0);
}

TEST_F(IpcServer, OthersAreRefused) {
    const auto refusal = [] {
        const Client client;
        return client.connected() ? 1 : client.connect_error() == EACCES ? 0 : 2;
    };
    EXPECT_EQ(as_user(1234, 1234, refusal), 0);
    EXPECT_EQ(as_user(0, 1234, refusal), 0);
    EXPECT_EQ(as_user(1234, 0, refusal), 0);
    const auto text = [](int uid) { return "connection from bad user " + std::to_string(uid) + "! - rejected"; };
    EXPECT_EQ(server->events(),
              (std::vector<Event>{
                  {Severity::critical, text(1234)}, {Severity::critical, text(0)}, {Severity::critical, text(1234)}}));
    EXPECT_EQ(server->connections(), 0u);
    EXPECT_EQ(shared_memory_entries(), 0u);
}

TEST_F(IpcServer, LargestAnswerAndOneMore) {
    constexpr std::size_t kLargest = std::size_t{8192} * 128 - sizeof(ResponseHeader);
    server->on_loop([&] {
        server->backend.put("fits", std::string(kLargest, 'x'));
        server->backend.put("too-large", std::string(kLargest + 1, 'x'));
    });
    Client client;
    for (int i = 0; i < 3; ++i) {
        const auto whole = client.ask(6, text("fits"));
        EXPECT_EQ(whole.answer.error, 0);
        EXPECT_EQ(whole.answer.data.size(), kLargest);
        expect(client.ask(6, text("too-large")), 6, -EFBIG);
    }
    expect(client.ask(1), 1, 0, "version");
}

TEST_F(IpcServer, ANameIsTakenOnce) {
    boost::asio::io_context io;
    FakeBackend backend;
    struct : ServerObserver {
        void report(Severity, std::string_view) override {}
    } silent;
    Server second(io, backend, silent);
    EXPECT_THROW(second.start(), std::system_error);
    Client client;
    expect(client.ask(1), 1, 0, "version");
}

TEST_F(IpcServer, WhoLeavesLeavesNothing) {
    auto own = std::make_unique<Client>();
    ASSERT_TRUE(own->connected());
    EXPECT_GT(shared_memory_entries(), 0u);
    own.reset();
    EXPECT_TRUE(server->settles_at(0));
    EXPECT_EQ(shared_memory_entries(), 0u);
}

TEST(IpcServerLife, StopsUnderItsClients) {
    if (!ipc_test::isolated()) GTEST_SKIP() << "NOT TESTED, needs the right to enter namespaces";
    for (int round = 0; round < 2; ++round) {  // the name is free again
        auto server = std::make_unique<RunningServer>();
        Client client;
        EXPECT_EQ(client.ask(1).answer.data, "version");
        server.reset();
        EXPECT_LT(client.ask(1).transport, 0);
    }
    EXPECT_EQ(shared_memory_entries(), 0u);
}

}  // namespace
}  // namespace cfs::ipc::test
