#include "engine/ipc/client.hpp"

#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>

#include "engine/log/log.hpp"

namespace engine::ipc {

using log::Level;
using log::Subsystem;

namespace {

constexpr std::size_t kMaxChunks = 8;
constexpr std::size_t kMaxProcessName = 31;

bool ring_full(ssize_t result) {
    return result == -EAGAIN || result == -ETIMEDOUT || result == -ENOBUFS;
}

// The second field of /proc/<pid>/stat without its parentheses; the name may contain any character.
std::string process_name_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    const std::string line{std::istreambuf_iterator<char>(file), {}};
    const auto open = line.find('('), close = line.rfind(')');
    if (open == std::string::npos || close == std::string::npos || close < open) return {};
    return line.substr(open + 1, std::min(close - open - 1, kMaxProcessName));
}

}  // namespace

Client::Client(ClientOwner& owner, ServicePoint& point, qb_ipcs_connection_t* handle, ConnectionId id, uid_t uid,
               gid_t gid, std::size_t backlog_limit)
    : owner_(owner),
      point_(point),
      handle_(handle),
      id_(id),
      uid_(uid),
      gid_(gid),
      backlog_(owner.blocks()),
      backlog_limit_(backlog_limit) {}

void Client::open() {
    qb_ipcs_connection_stats stats{};
    if (qb_ipcs_connection_stats_get(handle_, &stats, 0) == 0) pid_ = stats.client_pid;
    process_name_ = process_name_of(pid_);
    open_ = true;
}

void Client::close() {
    open_ = false;
    discard();
}

void Client::discard() {
    const auto gone = static_cast<std::ptrdiff_t>(backlog_.bytes());
    backlog_.clear();
    owner_.backlog_changed(-gone);
    held.clear();
}

void Client::respond(Bytes response) {
    if (!usable()) return;
    owner_.notify_now();  // who has its response looks for the events that came before it
    const ssize_t result = qb_ipcs_response_send(handle_, response.data(), response.size());
    // A client of the libraries waits for each response, so its ring always has room for one. One that
    // does not can't be told anything any more.
    if (result != static_cast<ssize_t>(response.size())) give_up("does not read its responses");
}

void Client::event(std::span<const Bytes> chunks) {
    if (!usable()) return;
    std::array<iovec, kMaxChunks> vector;
    std::size_t total = 0, count = 0;
    for (const Bytes& chunk : chunks.first(std::min(chunks.size(), kMaxChunks))) {
        if (chunk.empty()) continue;
        vector[count++] = {const_cast<std::uint8_t*>(chunk.data()), chunk.size()};
        total += chunk.size();
    }
    if (chunks.size() > kMaxChunks || total > kMaxMessage) {  // could never be sent
        ++dropped_events_;
        log::write(Level::error, Subsystem::main, "event of {} bytes for {} does not fit", total, process_name_);
        return;
    }
    if (queueing()) return enqueue(chunks, total);
    const ssize_t result = qb_ipcs_event_sendv(handle_, vector.data(), count);
    if (result == static_cast<ssize_t>(total)) return;
    if (!ring_full(result)) {
        ++dropped_events_;
        log::write(Level::error, Subsystem::main, "event_send retuned {}, expected {}!", result, total);
        return;
    }
    queued_ = sent_ = 0;
    enqueue(chunks, total);
    if (queueing()) owner_.flush_later(id_);
}

void Client::enqueue(std::span<const Bytes> chunks, std::size_t total) {
    if (backlog_.bytes() + total > backlog_limit_) return give_up("does not read its events");
    if (!backlog_.push(chunks)) return give_up("does not read its events, and there is no memory to keep them");
    ++queued_;
    owner_.backlog_changed(static_cast<std::ptrdiff_t>(total));
}

void Client::flush(FlushBudget& budget) {
    while (usable() && !backlog_.empty() && !budget.spent()) {
        const Bytes next = backlog_.front();
        const ssize_t result = qb_ipcs_event_send(handle_, next.data(), next.size());
        if (ring_full(result)) return;
        if (result == static_cast<ssize_t>(next.size())) {
            ++sent_;
        } else {
            ++dropped_events_;
            log::write(Level::error, Subsystem::main, "event_send retuned {}, expected {}!", result, next.size());
        }
        const std::size_t size = next.size();
        budget.spend(size);
        backlog_.pop();
        owner_.backlog_changed(-static_cast<std::ptrdiff_t>(size));
    }
    if (usable() && backlog_.empty())
        log::write(Level::info, Subsystem::main, "Q empty, queued:{} sent:{}.", queued_, sent_);
}

void Client::give_up(const char* reason) {
    log::write(Level::warning, Subsystem::main, "Disconnecting {} (pid {}): it {}", process_name_, pid_, reason);
    failed_ = true;
    discard();
    owner_.disconnect_later(id_);
}

ConnectionStats& ConnectionStats::operator+=(const ConnectionStats& other) {
    requests += other.requests;
    responses += other.responses;
    dispatched += other.dispatched;
    send_retries += other.send_retries;
    recv_retries += other.recv_retries;
    flow_control_count += other.flow_control_count;
    invalid_request += other.invalid_request;
    overload += other.overload;
    held += other.held;
    dropped_events += other.dropped_events;
    flow_control += other.flow_control != 0 ? 1 : 0;
    queued += other.queued;
    sent += other.sent;
    queueing += other.queueing;
    backlog_events += other.backlog_events;
    backlog_bytes += other.backlog_bytes;
    held_now += other.held_now;
    return *this;
}

ConnectionStats ConnectionStats::counters() const {
    ConnectionStats out = *this;
    out.flow_control = out.queued = out.sent = 0;
    out.queueing = 0;
    out.backlog_events = out.backlog_bytes = out.held_now = 0;
    return out;
}

ConnectionStats Client::stats() const {
    ConnectionStats out;
    qb_ipcs_connection_stats stats{};
    if (qb_ipcs_connection_stats_get(handle_, &stats, 0) == 0) {
        out.requests = stats.requests;
        out.responses = stats.responses;
        out.dispatched = stats.events;
        out.send_retries = stats.send_retries;
        out.recv_retries = stats.recv_retries;
        out.flow_control = static_cast<std::uint32_t>(stats.flow_control_state);
        out.flow_control_count = stats.flow_control_count;
    }
    out.invalid_request = invalid_requests;
    out.overload = overloads;
    out.held = held_total;
    out.dropped_events = dropped_events_;
    out.queued = queued_;
    out.sent = sent_;
    out.queueing = queueing() ? 1 : 0;
    out.backlog_events = backlog_.count();
    out.backlog_bytes = backlog_.bytes();
    out.held_now = held.size();
    return out;
}

void Client::clear_stats() {
    qb_ipcs_connection_stats ignored{};
    qb_ipcs_connection_stats_get(handle_, &ignored, 1);
    invalid_requests = overloads = held_total = dropped_events_ = 0;
}

}  // namespace engine::ipc
