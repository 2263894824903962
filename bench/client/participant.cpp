#include "bench/client/participant.hpp"

#include <poll.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <iostream>
#include <stdexcept>

#include "bench/common/statistics.hpp"

namespace bench {
namespace {

constexpr std::uint64_t kLast = ~std::uint64_t{0};  // number of a sender's last message
constexpr int kSilenceLimit = 30;                   // seconds without a message before the run is given up
constexpr std::size_t kLarge = 4096;                // bytes; of smaller messages the clock is not read for each
constexpr std::uint64_t kClockEvery = 16;

double processor_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
    constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;
    hash = (hash ^ value) * kOdd;
    return hash ^ (hash >> 32);
}

}  // namespace

void check(cs_error_t error, const char* what) {
    if (error != CS_OK) throw std::runtime_error(std::string(what) + ": " + cs_strerror(error));
}

void wait_milliseconds(int milliseconds) {
    ::poll(nullptr, 0, milliseconds);
}

cpg_name group_name(const std::string& text) {
    cpg_name name{};
    if (text.size() > sizeof name.value) throw std::runtime_error("the name of a group has at most 128 bytes");
    name.length = static_cast<std::uint32_t>(text.size());
    std::memcpy(name.value, text.data(), text.size());
    return name;
}

Participant::Participant(const Options& options) : options_(options), message_(options.size, 'x') {
    cpg_callbacks_t callbacks{on_deliver, on_confchg};
    check(cpg_initialize(&handle_, &callbacks), "cpg_initialize");
    check(cpg_context_set(handle_, this), "cpg_context_set");
    const cpg_name name = group_name(options.group);
    cs_error_t joined;
    while ((joined = cpg_join(handle_, &name)) == CS_ERR_TRY_AGAIN)
        wait_milliseconds(10);
    check(joined, "cpg_join");
    check(cpg_fd_get(handle_, &fd_), "cpg_fd_get");
    check(cpg_local_get(handle_, &me_.node), "cpg_local_get");
    me_.pid = static_cast<std::uint32_t>(::getpid());
    while (members_ < options_.members)
        dispatch(1000);
}

Participant::~Participant() {
    cpg_finalize(handle_);
}

Participant& Participant::self(cpg_handle_t handle) {
    void* context = nullptr;
    cpg_context_get(handle, &context);
    return *static_cast<Participant*>(context);
}

void Participant::on_deliver(cpg_handle_t handle, const cpg_name*, std::uint32_t node, std::uint32_t pid, void* message,
                             std::size_t length) {
    self(handle).deliver({node, pid}, message, length);
}

void Participant::on_confchg(cpg_handle_t handle, const cpg_name*, const cpg_address*, std::size_t members,
                             const cpg_address*, std::size_t left, const cpg_address*, std::size_t) {
    Participant& me = self(handle);
    me.members_ = members;
    // Who has everything may go.
    if (left > 0 && !me.complete()) me.somebody_left_ = true;
}

void Participant::deliver(const Sender& sender, const void* message, std::size_t length) {
    std::uint64_t number = 0;
    std::memcpy(&number, message, std::min(length, sizeof number));
    order_ = mix(mix(mix(order_, sender.node), sender.pid), mix(length, number));
    std::uint64_t& expected = next_[sender];
    if (number != expected && number != kLast && disorder_.empty())
        disorder_ = "message " + std::to_string(number) + " of node " + std::to_string(sender.node) +
                    " was delivered where " + std::to_string(expected) + " was next";
    ++expected;
    ++delivered_;
    bytes_ += length;
    if (number == kLast) ++ended_;
    // Nodes of a laboratory number their processes apart from each other.
    if (sender.node == me_.node && sender.pid == me_.pid) ++own_delivered_;
    if (length > kLarge || number == kLast || delivered_ % kClockEvery == 0) look_at_clock();
}

// Both ends of what counts are deliveries, so that a few large messages are not counted by chance.
void Participant::look_at_clock() {
    const bool opened = open_.delivered > 0;
    if ((opened && close_.delivered > 0) || Clock::now() < (opened ? closes_ : opens_)) return;
    (opened ? close_ : open_) = snapshot();
}

Participant::Snapshot Participant::snapshot() const {
    return {Clock::now(), delivered_, bytes_, sent_, processor_seconds()};
}

// Handles what is there, waiting at most `milliseconds` for the first event.
void Participant::dispatch(int milliseconds) {
    pollfd descriptor{fd_, POLLIN, 0};
    if (::poll(&descriptor, 1, milliseconds) > 0) check(cpg_dispatch(handle_, CS_DISPATCH_ALL), "cpg_dispatch");
    if (!disorder_.empty()) throw std::runtime_error(disorder_);
    if (running_ && somebody_left_) throw std::runtime_error("a member left the group while messages were under way");
}

bool Participant::try_send(std::uint64_t number, std::size_t size) {
    std::memcpy(message_.data(), &number, sizeof number);
    iovec part{message_.data(), size};
    const cs_error_t error = cpg_mcast_joined(handle_, CPG_TYPE_AGREED, &part, 1);
    if (error == CS_ERR_TRY_AGAIN) return false;
    check(error, "cpg_mcast_joined");
    ++sent_;
    return true;
}

// Throttled, it waits for a delivery, which frees room, or a millisecond.
void Participant::send(std::uint64_t number, std::size_t size) {
    while (!try_send(number, size))
        dispatch(1);
}

void Participant::flood() {
    constexpr std::uint64_t kDispatchEvery = 64;
    while (Clock::now() < closes_) {
        if (options_.in_flight > 0 && sent_ - own_delivered_ >= options_.in_flight) {
            dispatch(1);
            continue;
        }
        send(sent_, options_.size);
        if (sent_ % kDispatchEvery == 0) dispatch(0);
    }
    send(kLast, sizeof kLast);
}

void Participant::probe() {
    for (auto start = Clock::now(); start < closes_; start = Clock::now()) {
        send(sent_, options_.size);
        while (own_delivered_ < sent_)
            dispatch(1000);
        if (start >= opens_)
            latencies_us_.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
        if (options_.pause > 0) wait_milliseconds(static_cast<int>(options_.pause * 1000));
    }
    send(kLast, sizeof kLast);
}

void Participant::receive() {
    int silent = 0;
    while (!complete()) {
        const auto before = delivered_;
        dispatch(1000);
        silent = delivered_ == before ? silent + 1 : 0;
        if (silent == kSilenceLimit) throw std::runtime_error("nothing was delivered for 30 seconds");
    }
}

nlohmann::json Participant::run() {
    if (options_.wait) {
        // Whoever has started all of us ends our input when all are ready.
        std::cout << "ready" << std::endl;
        for (std::string ignored; std::getline(std::cin, ignored);) {
        }
    }
    running_ = true;
    const auto duration = [](double seconds) { return std::chrono::duration_cast<Clock::duration>(Seconds(seconds)); };
    opens_ = Clock::now() + duration(options_.warm_up);
    closes_ = opens_ + duration(options_.seconds);
    if (options_.role == Role::send) flood();
    if (options_.role == Role::probe) probe();
    receive();
    return report();
}

nlohmann::json Participant::report() {
    // The last message may come before our window closes: the senders' have closed then.
    if (close_.delivered == 0) close_ = snapshot();
    const double seconds = Seconds(close_.at - open_.at).count();
    nlohmann::json out = {{"delivered", delivered_}, {"bytes", bytes_}, {"order", order_}};
    if (close_.delivered > open_.delivered) {
        const auto messages = static_cast<double>(close_.delivered - open_.delivered);
        out["seconds"] = seconds;
        out["messages_per_second"] = messages / seconds;
        out["bytes_per_second"] = static_cast<double>(close_.bytes - open_.bytes) / seconds;
        out["processor_us_per_message"] = (close_.processor_seconds - open_.processor_seconds) * 1e6 / messages;
    }
    if (!latencies_us_.empty()) out["latency"] = summarize(std::move(latencies_us_), options_.seconds);
    return out;
}

}  // namespace bench
