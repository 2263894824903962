#pragma once
// Serves one page over HTTP on an event loop that has more important things to do: few connections, small requests,
// short waits, one request a connection. A client that does not keep up is dropped.
//
// Only GET and HEAD of / and /metrics; else 404 or 405. One thread: that of the io_context.

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/metrics/endpoint.hpp"

namespace engine::metrics {

struct ListenerLimits {
    std::size_t connections = 8;
    std::size_t request_bytes = 4096;          // of a request's head; a body is not read
    std::chrono::milliseconds patience{5000};  // for a request to arrive, and again for its answer to be taken
    // A page is made anew only when the last one is older than this, so that nobody can keep the loop busy with it.
    std::chrono::milliseconds page_age{100};
};

struct ListenerCounters {
    std::uint64_t served = 0;   // answered 200
    std::uint64_t refused = 0;  // answered with an error, or one connection too many
    std::uint64_t dropped = 0;  // too slow, or gone before the end
};

class Listener {
public:
    using Page = std::function<std::string()>;
    // Listens at once. `page` is called for each page that has to be made, as long as the listener lives; `trouble` for
    // what goes wrong later. Throws std::system_error saying what cannot be done. A UNIX socket gets mode 0660; its
    // directory is made if it is missing, and a socket that nobody serves any more is replaced.
    Listener(boost::asio::io_context& io, Endpoint endpoint, Page page, ListenerCounters& counters,
             std::function<void(const std::string&)> trouble, ListenerLimits limits = {});
    ~Listener();  // drops everybody; removes the UNIX socket
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    const Endpoint& endpoint() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace engine::metrics
