#pragma once
// Inside of Transport, shared by its source files.

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <vector>

#include "totem/net/members.hpp"
#include "totem/net/receive_batch.hpp"
#include "totem/net/send_batch.hpp"
#include "totem/net/sockets.hpp"
#include "totem/net/transport.hpp"

namespace totem::net {

// Handlers hold a shared reference, so that the transport may go while some are still queued.
struct Transport::Impl : std::enable_shared_from_this<Transport::Impl> {
    Impl(boost::asio::io_context& io_context, TransportConfig cfg, std::unique_ptr<crypto::Suite> protection,
         Listener& events);

    // transport_interface.cpp: the interface, opening and closing
    void check();
    void go_down();
    void try_open(const HostAddress& found);
    void on_open_failure(const NetError& error);
    void adopt_sockets(Sockets opened);
    void close_sockets();
    void arm_check();

    // transport_receive.cpp
    void wait_group();
    void wait_token();
    void wait_errors();
    void on_group_readable();
    void on_token_readable();
    void on_errors();
    bool read_group();
    bool read_bulk(int fd);
    void read_pending();
    void hand_over(ReceiveBatch& batch, std::size_t count);
    void hand_over(ReceiveBatch& batch, std::size_t begin, std::size_t end, std::size_t count);
    bool inadmissible(const ReceiveBatch::Datagram& datagram) const;
    void take(const crypto::Suite::Opening& opened);
    void refuse(Refusal reason, std::uint64_t& counter, Bytes datagram);
    bool drain(int fd);
    void defer_to_self(const FrameRef& frame);
    void deliver_to_self();

    // transport_send.cpp
    MutableBytes reserve(std::size_t size, std::string_view what);
    void seal(const FrameRef& frame, MutableBytes datagram, std::string_view what);
    void seal_waiting();
    void unsendable(std::string_view what);
    void flush();
    std::span<const SocketAddress> targets(srp::Effects::Fanout fanout);
    bool widen(srp::Effects::Fanout fanout);
    void multicast(const FrameRef& frame, srp::Effects::Fanout fanout);
    void unicast(const FrameRef& frame, const Identity& target);

    boost::asio::io_context& io;
    TransportConfig config;
    std::unique_ptr<crypto::Suite> suite;
    Listener& listener;
    Counters counters;
    Members members{config};

    std::optional<HostAddress> local;  // the last one found; kept while down
    bool up = false;                   // sockets are open
    bool closed = false;
    bool started = false;
    bool watch = true;
    bool told_down = false;
    bool retrying = false;  // the retry timer runs, or it gave up
    unsigned open_attempts = 0;

    Sockets sockets;
    SocketAddress group_target;
    boost::asio::posix::stream_descriptor group_events, token_events;
    boost::asio::posix::stream_descriptor sender_events;  // errors only; not with Mode::unicast
    boost::asio::steady_timer check_timer, retry_timer;
    // Raised when sockets are opened or closed: waits for the old ones end.
    std::uint64_t generation = 0;
    // Raised also when input is thrown away: the batches being handed over end there.
    std::uint64_t epoch = 0;
    std::size_t behind = 0;  // datagrams of the batch behind the one being handed over

    ReceiveBatch bulk, tokens;
    std::vector<crypto::Suite::Opening> opening;  // of the datagrams being handed over
    SendBatch outgoing;
    // What has its place in the batch but is not sealed yet: the suite's work, and whose it is.
    struct ToSeal {
        FrameRef frame;
        std::string_view what;
    };
    std::vector<crypto::Suite::Sealing> sealing;
    std::vector<ToSeal> to_seal;
    std::vector<FrameRef> to_self, delivering;
    NodeAddress sender;
    Instant last_full_fanout{};
};

}  // namespace totem::net
