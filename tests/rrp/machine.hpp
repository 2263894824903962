#pragma once
// One redundancy machine and what stands around it, recorded.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "totem/rrp/redundancy.hpp"

namespace totem::rrp::test {

using namespace std::chrono_literals;
using Buffer = std::vector<std::uint8_t>;

Identity node(NodeId id);  // 10.77.0.<id> and 10.78.0.<id>
RingId ring(std::uint64_t seq);

// Packets as node 1 of the given ring sends them.
Buffer token(std::uint32_t token_seq, std::uint64_t ring_seq = 4, ByteOrder order = kNativeOrder);
Buffer mcast(std::uint32_t seq, ByteOrder order = kNativeOrder);
Buffer commit_token(std::uint64_t ring_seq = 4);
Buffer ring_test(wire::PacketType type, NodeId activator, std::int32_t number = 1, ByteOrder order = kNativeOrder);

// Stands around a machine and only counts.
struct Surroundings final : Networks, Upper, Observer {
    void multicast(unsigned, const FrameRef&, Fanout) override { ++sent; }
    void unicast(unsigned, const FrameRef&, const Identity&) override { ++sent; }
    void drain_others(unsigned) override {}
    void flush() override {}
    bool discard_pending_input() override { return false; }
    void packet(Bytes) override { ++passed_up; }
    void ring_test_activated(unsigned, const wire::RingTest&, bool recovered) override { recoveries += recovered; }
    std::size_t sent = 0, passed_up = 0, recoveries = 0;
};

// Node 2 of nodes 1, 2 and 3 on two networks; its successor is node 3.
class Machine final : private Networks, private Upper, private Observer {
public:
    explicit Machine(Mode mode, unsigned networks = 2, ByteOrder order = kNativeOrder);

    void receive(unsigned network, const Buffer& packet) { rrp.receive(now, network, packet); }
    // Each sends one packet.
    void send_token();
    void send_multicast(Networks::Fanout fanout = Networks::Fanout::members);
    // Lets time pass; timeouts come when they are due.
    void run_for(Duration duration);
    // Networks that were sent through since the last call, in order: "0 1 0".
    std::string sent_through();
    std::size_t sent(wire::PacketType type) const;
    std::string text(unsigned network) const;

    struct Sent {
        Instant at;
        unsigned network;
        bool unicast;
        NodeId target;
        Networks::Fanout fanout;
        Buffer bytes;
    };
    struct Change {
        Instant at;
        unsigned network;
        std::string text;
    };
    struct Test {
        unsigned network;
        wire::RingTest packet;
        bool activate, recovered;
    };

    FramePool pool;
    Instant now{1000s};
    std::vector<Sent> out;
    std::vector<Buffer> up;  // what was passed up
    std::vector<Change> changes;
    std::vector<Test> tests;
    std::vector<unsigned> drained;  // networks whose others were drained
    std::function<void(unsigned network)> on_drain;
    std::function<void(Bytes)> on_packet;
    Redundancy rrp;

private:
    void multicast(unsigned network, const FrameRef& frame, Fanout fanout) override;
    void unicast(unsigned network, const FrameRef& frame, const Identity& target) override;
    void drain_others(unsigned network) override;
    void flush() override {}
    bool discard_pending_input() override { return false; }
    void packet(Bytes packet) override;
    void network_status(unsigned network, const Status& status) override;
    void ring_test_received(unsigned network, const wire::RingTest& test) override;
    void ring_test_activated(unsigned network, const wire::RingTest& test, bool recovered) override;
};

// Makes a network faulty: tokens come only through the other. Leaves the machine's records as they were.
void lose(Machine& machine, unsigned network);

}  // namespace totem::rrp::test
