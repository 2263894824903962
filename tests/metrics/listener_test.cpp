// The HTTP side: what is answered, what is refused, and who is dropped.

#include "engine/metrics/listener.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "engine/metrics/exposition.hpp"

namespace engine::metrics {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using Client = asio::generic::stream_protocol::socket;

// A port nobody uses now.
std::uint16_t free_port() {
    asio::io_context io;
    asio::ip::tcp::acceptor probe(io, {asio::ip::make_address("127.0.0.1"), 0});
    return probe.local_endpoint().port();
}

class ListenerTest : public testing::Test {
protected:
    ListenerTest() : directory_(testing::TempDir() + "totemd-metrics-" + std::to_string(::getpid())) {}
    ~ListenerTest() override { std::filesystem::remove_all(directory_); }

    void listen(const std::string& where, ListenerLimits limits = {}) {
        listener_ = std::make_unique<Listener>(
            io_, parse_endpoint(where).value(),
            [this] {
                ++pages_;
                return page_;
            },
            counters_, [this](const std::string& text) { troubles_.push_back(text); }, limits);
    }
    void listen_locally(ListenerLimits limits = {}) { listen(path(), limits); }
    std::string path() const { return directory_ + "/metrics.sock"; }

    Client connect() {
        Client client(io_);
        client.connect(listener_->endpoint().socket_address());
        return client;
    }
    // Runs the loop until the client has been sent all there will be.
    std::string read_all(Client& client) {
        std::string text;
        bool done = false;
        asio::async_read(client, asio::dynamic_buffer(text), [&](const auto&, std::size_t) { done = true; });
        run_until([&] { return done; });
        return text;
    }
    std::string ask(const std::string& request) {
        Client client = connect();
        asio::write(client, asio::buffer(request));
        return read_all(client);
    }
    template <typename Condition>
    void run_until(Condition condition) {
        const auto limit = std::chrono::steady_clock::now() + 20s;
        while (!condition() && std::chrono::steady_clock::now() < limit)
            io_.run_one_for(1s);
        ASSERT_TRUE(condition());
    }

    const std::string directory_;
    asio::io_context io_;
    std::string page_ = "# a page\n";
    unsigned pages_ = 0;
    std::vector<std::string> troubles_;
    ListenerCounters counters_;
    std::unique_ptr<Listener> listener_;
};

TEST_F(ListenerTest, ServesThePageOverTcp) {
    listen(fmt::format("127.0.0.1:{}", free_port()));
    const std::string answer = ask("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    EXPECT_THAT(answer, HasSubstr("Content-Length: 9\r\n"));
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\n# a page\n"));
    EXPECT_EQ(counters_.served, 1u);
}

TEST_F(ListenerTest, ServesRootQueriesAndOldHttp) {
    listen_locally();
    EXPECT_THAT(ask("GET / HTTP/1.1\r\n\r\n"), EndsWith("# a page\n"));
    EXPECT_THAT(ask("GET /metrics?collect=all HTTP/1.1\r\n\r\n"), EndsWith("# a page\n"));
    EXPECT_THAT(ask("GET /metrics HTTP/1.0\r\n\r\n"), EndsWith("# a page\n"));
}

TEST_F(ListenerTest, HeadHasNoBody) {
    listen_locally();
    const std::string answer = ask("HEAD /metrics HTTP/1.1\r\n\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("Content-Length: 9\r\n"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(ListenerTest, RefusesOtherPathsMethodsAndNonsense) {
    listen_locally();
    EXPECT_THAT(ask("GET /etc/passwd HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 404 "));
    EXPECT_THAT(ask("GET /metrics/ HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 404 "));
    const std::string answer = ask("POST /metrics HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 405 "));
    EXPECT_THAT(answer, HasSubstr("Allow: GET, HEAD\r\n"));
    EXPECT_THAT(ask("DELETE /metrics HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 405 "));
    EXPECT_THAT(ask("\x16\x03\x01 nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
    EXPECT_EQ(counters_.served, 0u);
    EXPECT_EQ(counters_.refused, 5u);
    EXPECT_EQ(pages_, 0u);
}

TEST_F(ListenerTest, RefusesLargeRequests) {
    listen_locally({.request_bytes = 1024});
    EXPECT_THAT(ask("GET /" + std::string(2000, 'x') + " HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 431 "));
    EXPECT_THAT(ask("GET / HTTP/1.1\r\nX: " + std::string(2000, 'x') + "\r\n\r\n"), StartsWith("HTTP/1.1 431 "));
}

TEST_F(ListenerTest, MakesAPageOnlyWhenTheLastOneIsOld) {
    listen_locally({.page_age = 1h});
    ask("GET / HTTP/1.1\r\n\r\n");
    ask("GET / HTTP/1.1\r\n\r\n");
    EXPECT_EQ(pages_, 1u);
    listen(fmt::format("127.0.0.1:{}", free_port()), {.page_age = 0ms});
    ask("GET / HTTP/1.1\r\n\r\n");
    ask("GET / HTTP/1.1\r\n\r\n");
    EXPECT_EQ(pages_, 3u);
}

TEST_F(ListenerTest, DropsWhoSendsNoRequest) {
    listen_locally({.patience = 50ms});
    Client silent = connect();
    Client slow = connect();
    asio::write(slow, asio::buffer(std::string("GET /metr")));
    EXPECT_EQ(read_all(silent), "");
    EXPECT_EQ(read_all(slow), "");
    EXPECT_EQ(counters_.dropped, 2u);
}

TEST_F(ListenerTest, DropsWhoDoesNotReadTheAnswer) {
    page_ = std::string(std::size_t{32} << 20, 'x');  // far more than the sockets take
    listen_locally({.patience = 100ms});
    Client stuck = connect();
    asio::write(stuck, asio::buffer(std::string("GET / HTTP/1.1\r\n\r\n")));
    run_until([&] { return counters_.dropped == 1; });
    // Others are served meanwhile and afterwards.
    page_ = "short";
    EXPECT_THAT(ask("GET /nothing HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(ListenerTest, ServesOnlySoManyAtOnce) {
    listen_locally({.connections = 2});
    Client first = connect(), second = connect();
    Client third = connect();
    EXPECT_EQ(read_all(third), "");
    EXPECT_EQ(counters_.refused, 1u);
    asio::write(first, asio::buffer(std::string("GET / HTTP/1.1\r\n\r\n")));
    EXPECT_THAT(read_all(first), EndsWith("# a page\n"));
    first.close();
    // The place is free again once the end was seen.
    std::string answer;
    run_until([&] {
        answer = ask("GET / HTTP/1.1\r\n\r\n");
        return !answer.empty();
    });
    EXPECT_THAT(answer, EndsWith("# a page\n"));
}

TEST_F(ListenerTest, SocketIsForOwnerAndGroupWhateverTheUmask) {
    for (const mode_t mask : {mode_t{0}, mode_t{022}, mode_t{077}}) {
        const mode_t before = ::umask(mask);
        listen_locally();
        ::umask(before);
        struct stat info {};
        ASSERT_EQ(::stat(path().c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 07777U, 0660U) << "umask " << mask;
        listener_.reset();
        EXPECT_FALSE(std::filesystem::exists(path()));
    }
}

TEST_F(ListenerTest, ReplacesADeadSocketOnly) {
    std::filesystem::create_directories(directory_);
    {
        // What a killed daemon leaves behind.
        asio::local::stream_protocol::acceptor dead(io_, asio::local::stream_protocol::endpoint(path()));
    }
    ASSERT_TRUE(std::filesystem::exists(path()));
    listen_locally();
    EXPECT_THAT(ask("GET / HTTP/1.1\r\n\r\n"), EndsWith("# a page\n"));
    // Somebody serves it: us.
    const auto second = [this] {
        return Listener(
            io_, parse_endpoint(path()).value(), [] { return std::string(); }, counters_, [](const auto&) {});
    };
    EXPECT_THROW(second(), std::system_error);
    EXPECT_THAT(ask("GET / HTTP/1.1\r\n\r\n"), EndsWith("# a page\n"));

    listener_.reset();
    std::ofstream(path()) << "precious";
    EXPECT_THROW(second(), std::system_error);
    EXPECT_TRUE(std::filesystem::is_regular_file(path()));
}

TEST_F(ListenerTest, PortInUseIsAnError) {
    asio::ip::tcp::acceptor taker(io_, {asio::ip::make_address("127.0.0.1"), 0});
    const auto where = fmt::format("127.0.0.1:{}", taker.local_endpoint().port());
    try {
        listen(where);
        FAIL() << "listens on a port that is taken";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::address_in_use);
        EXPECT_THAT(error.what(), HasSubstr(where));
    }
}

TEST_F(ListenerTest, EndsWithOpenConnections) {
    listen_locally();
    Client idle = connect(), asking = connect();
    asio::write(asking, asio::buffer(std::string("GET / HTTP/1.1\r\n\r\n")));
    io_.poll();
    listener_.reset();
    EXPECT_EQ(read_all(idle), "");
    io_.restart();
    io_.poll();
}

TEST(Endpoint, Parse) {
    EXPECT_EQ(parse_endpoint("127.0.0.1:9105").value().port, 9105);
    EXPECT_EQ(parse_endpoint("[::1]:9105").value().address, "::1");
    EXPECT_EQ(parse_endpoint("/run/m.sock").value().path, "/run/m.sock");
    for (const auto* text : {"127.0.0.1:9105", "[::1]:9105", "/run/m.sock", "10.0.0.1:1", "[2001:db8::1]:65535"})
        EXPECT_EQ(parse_endpoint(text).value().text(), text);
    for (const auto* text :
         {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:x", ":9105", "localhost:9105",
          "::1:9105", "[127.0.0.1]:9105", "[::1]", "run/m.sock", "/run/", "127.0.0.1:9105 "})
        EXPECT_FALSE(parse_endpoint(text)) << text;
    EXPECT_FALSE(parse_endpoint("/" + std::string(107, 'x')));
    EXPECT_TRUE(parse_endpoint("/" + std::string(106, 'x')));
}

TEST(Endpoint, Confined) {
    for (const auto* text : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "/run/m.sock"})
        EXPECT_TRUE(parse_endpoint(text).value().confined()) << text;
    for (const auto* text : {"0.0.0.0:1", "10.0.0.1:1", "[::]:1", "[fe80::1]:1"})
        EXPECT_FALSE(parse_endpoint(text).value().confined()) << text;
}

}  // namespace
}  // namespace engine::metrics
