#pragma once
// Transports on the two ends of a cable, and what they hear.

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/net/namespaces.hpp"
#include "totem/base/frame_pool.hpp"
#include "totem/net/transport.hpp"

namespace testnet {

using totem::Bytes;
using totem::NodeAddress;
using Fanout = totem::srp::Effects::Fanout;
using Side = Namespaces::Side;

inline constexpr std::uint16_t kPort = 5405;

NodeAddress address(const std::string& text, totem::NodeId nodeid = 0);
totem::Identity identity(const std::string& text);  // v2
Bytes bytes_of(const std::string& text);

// Notes everything in order, and can act on a message.
struct Recorder : totem::net::Listener {
    std::vector<std::string> messages;
    std::vector<std::string> senders;
    std::vector<totem::net::Refusal> refusals;
    std::vector<std::string> troubles;
    std::vector<NodeAddress> closed_ports;
    std::string failure;
    unsigned ups = 0, downs = 0;
    totem::net::HostAddress bound;
    std::function<void(const std::string&)> on_message;
    std::function<void()> on_trouble;
    totem::net::Transport* transport = nullptr;

    void datagram(Bytes message) override;
    void interface_up(const totem::net::HostAddress& found) override;
    void interface_down() override { ++downs; }
    void refused(totem::net::Refusal reason, const NodeAddress&, Bytes) override { refusals.push_back(reason); }
    void port_closed(const NodeAddress& peer) override { closed_ports.push_back(peer); }
    void trouble(std::string_view text) override;
    void failed(std::string_view text) override { failure = text; }
};

// A plain UDP socket next to a transport: a stranger, or an onlooker.
class PlainSocket {
public:
    struct Seen {
        std::size_t size = 0;
        int ttl = 0;
        std::uint16_t port = 0;  // source
    };
    explicit PlainSocket(const std::string& bind_to, std::uint16_t port = 0);
    ~PlainSocket();
    void send(const std::string& to, std::uint16_t port, std::size_t size, std::uint8_t fill = 0);
    void send(const std::string& to, std::uint16_t port, Bytes data);
    // Waits up to two seconds; size 0 if nothing came.
    Seen receive();

private:
    int fd_;
};

class TransportTest : public ::testing::Test {
protected:
    void SetUp() override;

    struct End {
        Recorder recorder;
        std::unique_ptr<totem::net::Transport> transport;
    };
    // A transport on a side, started.
    End& open(Side side, const totem::net::TransportConfig& config);
    End& open(Side side, const totem::net::TransportConfig& config, std::unique_ptr<totem::crypto::Suite> suite);
    totem::net::TransportConfig config(Side side, totem::net::Mode mode, bool ipv6 = false,
                                       totem::Dialect dialect = totem::Dialect::v3) const;
    // Runs the event loop until `done`, at most `limit`.
    ::testing::AssertionResult run_until(const std::function<bool()>& done,
                                         std::chrono::milliseconds limit = std::chrono::seconds(5));
    // Runs what is ready now.
    void settle();
    totem::FrameRef frame(const std::string& text) { return pool_.copy(bytes_of(text)); }

    std::unique_ptr<Namespaces> net_;
    totem::FramePool pool_;
    boost::asio::io_context io_;
    std::vector<std::unique_ptr<End>> ends_;
};

}  // namespace testnet
