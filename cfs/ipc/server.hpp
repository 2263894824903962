#pragma once
// The local IPC server of pmxcfs (pmxcfs.md section 14): libqb's, over shared memory, on an event loop it is given.
//
// One thread: made, called and destroyed on the thread that runs the io_context. libqb's poll handlers carry no
// context, so a thread has one server on libqb and no more.

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "cfs/ipc/backend.hpp"
#include "cfs/tree/limits.hpp"
#include "cfs/tree/report.hpp"

namespace cfs::ipc {

class ServerObserver {
public:
    virtual ~ServerObserver() = default;
    virtual void report(Severity severity, std::string_view text) = 0;
};

struct ServerSettings {
    Era era = Era::p5;
    gid_t www_data = 33;  // the group that may read
    std::string name = "pve2";
    // Connections of that group. Each takes three times the largest message of memory, and root has to have room left.
    std::size_t read_only_connections = 256;
};

class Server {
public:
    struct Impl;  // of server.cpp alone
    // `backend` and `observer` have to outlive the server.
    Server(boost::asio::io_context& io, Backend& backend, ServerObserver& observer, ServerSettings settings = {});
    ~Server();  // stops
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Listens. Throws std::system_error if the name can't be bound, e.g. because another daemon runs.
    void start();
    // Disconnects everybody and stops listening; not from within a call of the backend.
    void stop();

    std::size_t connections() const;

private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace cfs::ipc
