#pragma once
// The socket for local programs, served by a thread of its own: it waits for no disk, no group and no file system.

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <thread>

#include "cfs/ipc/server.hpp"

namespace cfs::daemon {

class ClientService final : private ipc::ServerObserver {
public:
    ClientService(ipc::Backend& backend, ipc::ServerSettings settings)
        : backend_(backend), settings_(std::move(settings)), work_(loop_.get_executor()) {}
    ~ClientService() override { stop(); }
    ClientService(const ClientService&) = delete;
    ClientService& operator=(const ClientService&) = delete;

    // Clients are served when it returns. Throws std::system_error, e.g. when somebody else has the socket.
    void start();
    void stop();  // disconnects them

private:
    void report(Severity severity, std::string_view text) override;
    void on_loop(const std::function<void()>& work);

    ipc::Backend& backend_;
    const ipc::ServerSettings settings_;
    boost::asio::io_context loop_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::unique_ptr<ipc::Server> server_;  // the thread's
    std::thread thread_;
};

}  // namespace cfs::daemon
