#include "tests/ipc/fake_ring.hpp"

#include <boost/asio/post.hpp>
#include <cstring>

namespace ipc_test {

using totem::pg::QueueLevel;

namespace {
constexpr int kMessagesPerToken = 50;
}

bool FakeRing::multicast(std::uint32_t service, std::uint32_t function, std::span<const Bytes> body) {
    std::vector<std::uint8_t> bytes(engine::kExecHeaderSize);
    for (const Bytes& chunk : body)
        bytes.insert(bytes.end(), chunk.begin(), chunk.end());
    const std::uint32_t id = service << 16 | function, size = static_cast<std::uint32_t>(bytes.size());
    std::memcpy(bytes.data(), &size, sizeof size);
    std::memcpy(bytes.data() + 8, &id, sizeof id);
    const std::size_t slots = packets(bytes.size());
    if (slots > available()) return false;
    used_ += slots;
    queue_.push_back({function, std::move(bytes), slots});
    schedule();
    return true;
}

std::size_t FakeRing::reserve(std::size_t size) {
    if (packets(size) > available()) return 0;
    reserved_ += packets(size);
    return packets(size);
}

QueueLevel FakeRing::queue_level() {
    const std::size_t free = available() > reserved_ ? available() - reserved_ : 0;
    const std::size_t used = 100 - free * 100 / slots_;
    if (used >= 75) level_ = QueueLevel::critical;
    if (used < 30) level_ = QueueLevel::low;
    if (used > 40 && used < 50) level_ = QueueLevel::good;
    if (used > 60 && used < 70) level_ = QueueLevel::high;
    return level_;
}

void FakeRing::run_token() {
    running_ = true;
    schedule();
}

void FakeRing::drain() {
    while (!queue_.empty())
        deliver_one();
}

void FakeRing::schedule() {
    if (scheduled_ || !running_) return;
    scheduled_ = true;
    boost::asio::post(io_, [this, weak = std::weak_ptr(alive_)] {
        if (weak.expired()) return;
        scheduled_ = false;
        for (int i = 0; i < kMessagesPerToken && running_ && !queue_.empty(); ++i)
            deliver_one();
        if (!queue_.empty()) schedule();
    });
}

void FakeRing::deliver_one() {
    const Message message = std::move(queue_.front());
    queue_.pop_front();
    used_ -= message.slots;
    service_->on_exec(message.function, local_, order(), message.bytes);
}

}  // namespace ipc_test
