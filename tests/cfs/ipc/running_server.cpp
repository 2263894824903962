#include "tests/cfs/ipc/running_server.hpp"

#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>

namespace cfs::ipc::test {

RunningServer::RunningServer(ServerSettings settings) {
    on_loop([&] {
        server_ = std::make_unique<Server>(io_, backend, static_cast<ServerObserver&>(*this), settings);
        server_->start();
    });
}

RunningServer::~RunningServer() {
    on_loop([this] { server_.reset(); });
    work_.reset();
    thread_.join();
}

void RunningServer::on_loop(const std::function<void()>& work) {
    std::packaged_task<void()> task(work);
    auto done = task.get_future();
    boost::asio::post(io_, [&task] { task(); });
    done.get();
}

std::size_t RunningServer::connections() {
    std::size_t count = 0;
    on_loop([&] { count = server_->connections(); });
    return count;
}

bool RunningServer::settles_at(std::size_t wanted) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (connections() != wanted) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::yield();
    }
    return true;
}

std::vector<Event> RunningServer::events() {
    const std::lock_guard lock(mutex_);
    return events_;
}

void RunningServer::report(Severity severity, std::string_view text) {
    const std::lock_guard lock(mutex_);
    events_.push_back({severity, std::string(text)});
}

Client::Client(std::size_t largest) : connection_(qb_ipcc_connect("pve2", largest)) {
    if (connection_ == nullptr) connect_error_ = errno;
}

Client::~Client() {
    if (connection_ != nullptr) qb_ipcc_disconnect(connection_);
}

ssize_t Client::send(const std::vector<std::uint8_t>& message) {
    return qb_ipcc_send(connection_, message.data(), message.size());
}

Client::Received Client::receive() {
    std::vector<char> buffer(std::size_t{8192} * 128);
    Received out;
    out.transport = qb_ipcc_recv(connection_, buffer.data(), buffer.size(), 20000);
    ResponseHeader header;
    if (out.transport < static_cast<ssize_t>(sizeof header)) return out;
    std::memcpy(&header, buffer.data(), sizeof header);
    if (header.size != out.transport) throw std::runtime_error("the response says another size than it has");
    out.id = header.id;
    out.answer = {header.error, std::string(buffer.data() + sizeof header, buffer.data() + out.transport)};
    return out;
}

Client::Received Client::ask(std::int32_t id, std::string_view body) {
    // libqb frees a request's place behind its answer, so a large one may find the last one still there.
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    ssize_t sent = send(request(id, body));
    while (sent == -EAGAIN && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::yield();
        sent = send(request(id, body));
    }
    if (sent < 0) return {.transport = sent, .id = 0, .answer = {}};
    return receive();
}

int as_user(uid_t uid, gid_t gid, const std::function<int()>& work) {
    const pid_t child = ::fork();
    if (child == 0) {
        const bool changed = ::setgroups(0, nullptr) == 0 && ::setgid(gid) == 0 && ::setuid(uid) == 0;
        ::_exit(changed ? work() : 125);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::size_t shared_memory_entries() {
    const auto all = std::filesystem::directory_iterator("/dev/shm");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

}  // namespace cfs::ipc::test
