#include "cfs/ipc/server.hpp"

#include <fmt/format.h>
#include <qb/qbipcs.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cfs/ipc/answers.hpp"
#include "engine/ipc/qb_guards.hpp"
#include "engine/ipc/qb_loop.hpp"

namespace cfs::ipc {

namespace {

constexpr std::int32_t kServiceId = 1;
constexpr std::size_t kLargestMessage = std::size_t{8192} * 128;

struct Client {
    Server::Impl& server;
    qb_ipcs_connection_t* handle;
    std::uint64_t id;
    Caller caller;
    bool given_up = false;  // only waits to be disconnected
};

Client* client_of(qb_ipcs_connection_t* handle) {
    return static_cast<Client*>(qb_ipcs_context_get(handle));
}

}  // namespace

struct Server::Impl {
    Impl(boost::asio::io_context& context, Backend& asked, ServerObserver& told, ServerSettings how)
        : io(context), backend(asked), observer(told), settings(std::move(how)), loop(context, {}) {}

    void start();
    void stop();
    std::int32_t accept(qb_ipcs_connection_t* connection, uid_t uid, gid_t gid);
    void receive(Client& client, Bytes message);
    void respond(Client& client, std::int32_t id, Answer answer);
    void give_up(Client& client, std::string_view reason);

    boost::asio::io_context& io;
    Backend& backend;
    ServerObserver& observer;
    const ServerSettings settings;
    engine::ipc::QbLoop loop;
    qb_ipcs_service_t* handle = nullptr;
    std::unordered_map<std::uint64_t, std::unique_ptr<Client>> clients;
    std::uint64_t last_id = 0;
    // Expires with the server, so that what was posted to the loop does not outlive it.
    std::shared_ptr<Impl*> self = std::make_shared<Impl*>(this);
};

namespace {

// --- libqb's callbacks. No exception may pass through libqb. ---

std::int32_t on_accept(qb_ipcs_connection_t* handle, uid_t uid, gid_t gid) {
    try {
        return static_cast<Server::Impl*>(qb_ipcs_connection_service_context_get(handle))->accept(handle, uid, gid);
    } catch (const std::exception&) {
        return -ENOMEM;
    }
}

void on_created(qb_ipcs_connection_t* handle) {
    qb_ipcs_connection_stats stats{};
    if (qb_ipcs_connection_stats_get(handle, &stats, 0) == 0)
        client_of(handle)->caller.pid = static_cast<std::uint32_t>(stats.client_pid);
}

std::int32_t on_message(qb_ipcs_connection_t* handle, void* data, size_t size) {
    Client& client = *client_of(handle);
    if (client.given_up) return -ESHUTDOWN;
    try {
        // A message that claims more than was received counts as empty.
        const std::size_t received = engine::ipc::received_in_ring(handle, data);
        client.server.receive(client, {static_cast<const std::uint8_t*>(data), size <= received ? size : 0});
    } catch (const std::exception& error) {
        client.server.give_up(client, error.what());
    }
    return 0;
}

std::int32_t on_closed(qb_ipcs_connection_t*) {
    return 0;
}

void on_destroyed(qb_ipcs_connection_t* handle) {
    if (const Client* client = client_of(handle)) client->server.clients.erase(client->id);
}

}  // namespace

void Server::Impl::start() {
    qb_ipcs_service_handlers handlers{.connection_accept = on_accept,
                                      .connection_created = on_created,
                                      .msg_process = on_message,
                                      .connection_closed = on_closed,
                                      .connection_destroyed = on_destroyed};
    handle = qb_ipcs_create(settings.name.c_str(), kServiceId, QB_IPC_SHM, &handlers);
    if (handle == nullptr) throw std::system_error(ENOMEM, std::generic_category(), settings.name);
    qb_ipcs_service_context_set(handle, this);
    auto poll_handlers = engine::ipc::QbLoop::handlers();
    qb_ipcs_poll_handlers_set(handle, &poll_handlers);
    if (const std::int32_t result = qb_ipcs_run(handle); result < 0) {
        handle = nullptr;  // a failed run has released it
        throw std::system_error(-result, std::generic_category(), "qb_ipcs_run error (" + settings.name + ")");
    }
}

void Server::Impl::stop() {
    if (auto* running = std::exchange(handle, nullptr)) qb_ipcs_destroy(running);
}

// pmxcfs.md 14.1.
std::int32_t Server::Impl::accept(qb_ipcs_connection_t* connection, uid_t uid, gid_t gid) {
    const bool read_only = gid == settings.www_data;
    if (!read_only && (uid != 0 || gid != 0)) {
        observer.report(Severity::critical,
                        fmt::format("connection from bad user {}! - rejected", static_cast<int>(uid)));
        return -EACCES;
    }
    if (handle == nullptr) return -ESHUTDOWN;
    // The client says how large its rings are to be, and they are filled when they are made.
    if (static_cast<std::size_t>(qb_ipcs_connection_get_buffer_size(connection)) > kLargestMessage) return -EINVAL;
    const auto is_reader = [](const auto& entry) { return entry.second->caller.read_only; };
    const auto readers = static_cast<std::size_t>(std::count_if(clients.begin(), clients.end(), is_reader));
    if (engine::ipc::low_on_descriptors() || (read_only && readers >= settings.read_only_connections)) return -EMFILE;
    const std::uint64_t id = ++last_id;
    auto& client = clients[id];
    client.reset(new Client{*this, connection, id, {.read_only = read_only}});
    qb_ipcs_context_set(connection, client.get());
    return 0;
}

void Server::Impl::receive(Client& client, Bytes message) {
    // Out of the client's reach: it could change what was checked.
    const std::vector<std::uint8_t> request(message.begin(), message.end());
    std::int32_t id = 0;
    if (request.size() >= sizeof id) std::memcpy(&id, request.data(), sizeof id);
    respond(client, id, answer(backend, settings.era, client.caller, request));
}

void Server::Impl::respond(Client& client, std::int32_t id, Answer answer) {
    // A client may have asked for less room than an answer takes. pmxcfs disconnects it then; here it learns why.
    const auto room = static_cast<std::size_t>(qb_ipcs_connection_get_buffer_size(client.handle));
    if (answer.error == 0 && sizeof(ResponseHeader) + answer.data.size() > room) answer.error = -EFBIG;
    if (answer.error != 0) answer.data.clear();
    const std::size_t size = sizeof(ResponseHeader) + answer.data.size();
    ResponseHeader header{.id = id, .size = static_cast<std::int32_t>(size), .error = answer.error};
    const std::array<iovec, 2> parts{{{&header, sizeof header}, {answer.data.data(), answer.data.size()}}};
    const ssize_t sent = qb_ipcs_response_sendv(client.handle, parts.data(), answer.data.empty() ? 1 : 2);
    // Who waits for each answer has room for one. Who does not can't be told anything any more.
    if (sent != static_cast<ssize_t>(size)) give_up(client, "it does not read its responses");
}

void Server::Impl::give_up(Client& client, std::string_view reason) {
    observer.report(Severity::warning, fmt::format("disconnecting process {}: {}", client.caller.pid, reason));
    client.given_up = true;
    // libqb is in the middle of this connection.
    boost::asio::post(io, [id = client.id, weak = std::weak_ptr(self)] {
        const auto impl = weak.lock();
        if (!impl) return;
        const auto found = (*impl)->clients.find(id);
        if (found != (*impl)->clients.end()) qb_ipcs_disconnect(found->second->handle);
    });
}

Server::Server(boost::asio::io_context& io, Backend& backend, ServerObserver& observer, ServerSettings settings)
    : impl_(std::make_unique<Impl>(io, backend, observer, std::move(settings))) {}

Server::~Server() {
    impl_->stop();
}

void Server::start() {
    impl_->start();
}

void Server::stop() {
    impl_->stop();
}

std::size_t Server::connections() const {
    return impl_->clients.size();
}

}  // namespace cfs::ipc
