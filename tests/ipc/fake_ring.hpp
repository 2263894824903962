#pragma once
// A ring of one node in memory: what is multicast comes back through the event loop, a few messages per
// turn, and occupies send slots until then. Its token can be stopped. All on the loop's thread.

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "engine/exec/service.hpp"
#include "engine/ipc/gate.hpp"

namespace ipc_test {

using engine::NodeId;
using totem::Bytes;

class FakeRing final : public engine::ExecSender, public engine::ipc::Gate {
public:
    FakeRing(boost::asio::io_context& io, NodeId local) : io_(io), local_(local) {}

    void attach(engine::Service& service) { service_ = &service; }
    void stop_token() { running_ = false; }
    void run_token();
    // Delivers everything now, without the loop.
    void drain();
    std::size_t queued() const { return queue_.size(); }
    void set_slots(std::size_t slots) { slots_ = slots; }

    // engine::ExecSender
    bool multicast(std::uint32_t service, std::uint32_t function, std::span<const Bytes> body) override;
    NodeId local_node() const override { return local_; }
    totem::ByteOrder order() const override { return totem::kNativeOrder; }
    totem::Dialect dialect() const override { return totem::Dialect::v3; }

    // engine::ipc::Gate
    std::size_t size_limit() const override { return (slots_ - 3) * kPayload; }
    std::size_t reserve(std::size_t size) override;
    void release(std::size_t reservation) override { reserved_ -= reservation; }
    totem::pg::QueueLevel queue_level() override;
    bool sends_later() const override { return sends_later_; }
    void set_sends_later(bool later) { sends_later_ = later; }

private:
    static constexpr std::size_t kPayload = 1410 - 24;
    struct Message {
        std::uint32_t function;
        std::vector<std::uint8_t> bytes;
        std::size_t slots;
    };

    static std::size_t packets(std::size_t size) { return size / kPayload + 1; }
    std::size_t available() const { return slots_ > used_ + 2 ? slots_ - used_ - 2 : 0; }
    void schedule();
    void deliver_one();

    boost::asio::io_context& io_;
    NodeId local_;
    engine::Service* service_ = nullptr;
    std::deque<Message> queue_;
    std::size_t slots_ = 2974, used_ = 0, reserved_ = 1;
    totem::pg::QueueLevel level_ = totem::pg::QueueLevel::good;
    bool running_ = true, scheduled_ = false, sends_later_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace ipc_test
