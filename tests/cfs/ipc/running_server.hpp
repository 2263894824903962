#pragma once
// A server on a loop of its own, and libqb's client as the programs of a node use it.

#include <qb/qbipcc.h>
#include <sys/types.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

#include "cfs/ipc/server.hpp"
#include "tests/cfs/ipc/fake_backend.hpp"

namespace cfs::ipc::test {

class RunningServer : private ServerObserver {
public:
    explicit RunningServer(ServerSettings settings = {.era = Era::p9, .www_data = kReaders});
    ~RunningServer();

    static constexpr gid_t kReaders = 3333;

    // On the loop's thread, which the backend belongs to.
    void on_loop(const std::function<void()>& work);
    std::size_t connections();
    // Waits until so many are left.
    bool settles_at(std::size_t connections);
    std::vector<Event> events();

    FakeBackend backend;

private:
    void report(Severity severity, std::string_view text) override;

    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
    std::thread thread_{[this] { io_.run(); }};
    std::unique_ptr<Server> server_;
    std::mutex mutex_;
    std::vector<Event> events_;
};

class Client {
public:
    explicit Client(std::size_t largest = std::size_t{8192} * 128);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    bool connected() const { return connection_ != nullptr; }
    int connect_error() const { return connect_error_; }
    // Sends these bytes, whatever their header says.
    ssize_t send(const std::vector<std::uint8_t>& message);
    // The next answer; the error of the transport, if there was one.
    struct Received {
        ssize_t transport = 0;
        std::int32_t id = 0;
        Answer answer;
    };
    Received receive();
    Received ask(std::int32_t id, std::string_view body = {});

private:
    qb_ipcc_connection_t* connection_;
    int connect_error_ = 0;
};

// Runs `work` in a process of that user and gives what it returned, which has to fit an exit code.
int as_user(uid_t uid, gid_t gid, const std::function<int()>& work);

std::size_t shared_memory_entries();  // in /dev/shm

}  // namespace cfs::ipc::test
