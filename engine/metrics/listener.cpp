#include "engine/metrics/listener.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <system_error>
#include <vector>

#include "engine/metrics/session.hpp"

namespace engine::metrics {

namespace asio = boost::asio;
using boost::system::error_code;
using Protocol = asio::generic::stream_protocol;

namespace {

constexpr int kBacklog = 16;
constexpr mode_t kSocketMode = 0660, kDirectoryMode = 0755;
constexpr std::chrono::seconds kRest{1};  // when accepting fails: descriptors have to become free first

[[noreturn]] void fail(int error, const std::string& what) {
    throw std::system_error(error, std::generic_category(), what);
}

void make_directory_of(const std::string& path) {
    const std::string directory = path.substr(0, path.rfind('/'));
    if (directory.empty() || ::mkdir(directory.c_str(), kDirectoryMode) == 0 || errno == EEXIST) return;
    fail(errno, fmt::format("cannot make the directory {}", directory));
}

// What a daemon that was killed has left behind. Never anything but a socket that refuses connections.
void remove_stale_socket(const Endpoint& endpoint) {
    struct stat info {};
    if (::lstat(endpoint.path.c_str(), &info) != 0) return;
    if (!S_ISSOCK(info.st_mode)) fail(EEXIST, fmt::format("{} is not a socket", endpoint.path));
    asio::io_context unused;
    Socket probe(unused);
    error_code error;
    const auto address = endpoint.socket_address();
    probe.open(address.protocol(), error);
    if (error) fail(error.value(), endpoint.path);
    probe.non_blocking(true, error);  // a full queue of a living one is no reason to wait
    probe.connect(address, error);
    if (error != asio::error::connection_refused) fail(EADDRINUSE, endpoint.path);
    ::unlink(endpoint.path.c_str());
}

}  // namespace

struct Listener::Impl : std::enable_shared_from_this<Impl> {
    Impl(asio::io_context& context, Endpoint where, Page make_page, ListenerCounters& counters,
         std::function<void(const std::string&)> tell, ListenerLimits limits)
        : io(context),
          endpoint(std::move(where)),
          make(std::move(make_page)),
          trouble(std::move(tell)),
          host{[this] { return page(); }, counters, limits},
          acceptor(context),
          rest(context) {}

    void open();
    void bind_path();
    void accept();
    void accepted(error_code error, Socket socket);
    void close();
    std::shared_ptr<const std::string> page();

    asio::io_context& io;
    const Endpoint endpoint;
    Page make;
    std::function<void(const std::string&)> trouble;
    SessionHost host;
    asio::basic_socket_acceptor<Protocol> acceptor;
    asio::steady_timer rest;
    std::vector<std::shared_ptr<Session>> sessions;
    std::shared_ptr<const std::string> made;
    std::chrono::steady_clock::time_point made_at;
    struct stat socket_file {};
    bool closed = false;
};

void Listener::Impl::open() {
    error_code error;
    const auto address = endpoint.socket_address();
    acceptor.open(address.protocol(), error);
    if (error) fail(error.value(), endpoint.text());
    if (endpoint.local()) {
        bind_path();
    } else {
        acceptor.set_option(asio::socket_base::reuse_address(true), error);
        acceptor.bind(address, error);
        if (error) fail(error.value(), endpoint.text());
    }
    acceptor.listen(kBacklog, error);
    if (error) fail(error.value(), endpoint.text());
    accept();
}

void Listener::Impl::bind_path() {
    make_directory_of(endpoint.path);
    remove_stale_socket(endpoint);
    // The mode of the descriptor is that of the file to be, so nobody can slip in between.
    if (::fchmod(acceptor.native_handle(), kSocketMode) != 0) fail(errno, endpoint.path);
    error_code error;
    acceptor.bind(endpoint.socket_address(), error);
    if (error) fail(error.value(), endpoint.path);
    // What the umask took away.
    if (::chmod(endpoint.path.c_str(), kSocketMode) != 0 || ::lstat(endpoint.path.c_str(), &socket_file) != 0) {
        fail(errno, endpoint.path);
    }
}

void Listener::Impl::accept() {
    acceptor.async_accept([self = shared_from_this()](error_code error, Socket socket) {
        if (!self->closed) self->accepted(error, std::move(socket));
    });
}

void Listener::Impl::accepted(error_code error, Socket socket) {
    if (error && error != asio::error::connection_aborted) {
        trouble(fmt::format("{}: {}", endpoint.text(), error.message()));
        rest.expires_after(kRest);
        rest.async_wait([self = shared_from_this()](error_code) {
            if (!self->closed) self->accept();
        });
        return;
    }
    if (!error && sessions.size() >= host.limits.connections) {
        ++host.counters.refused;  // and the socket closes
    } else if (!error) {
        const auto over = [weak = weak_from_this()](Session* session) {
            if (const auto self = weak.lock()) {
                std::erase_if(self->sessions, [session](const auto& each) { return each.get() == session; });
            }
        };
        sessions.push_back(std::make_shared<Session>(std::move(socket), host, over));
        sessions.back()->start();
    }
    accept();
}

std::shared_ptr<const std::string> Listener::Impl::page() {
    const auto now = std::chrono::steady_clock::now();
    if (!made || now - made_at >= host.limits.page_age) {
        made = std::make_shared<const std::string>(make());
        made_at = now;
    }
    return made;
}

void Listener::Impl::close() {
    closed = true;
    rest.cancel();
    error_code ignored;
    acceptor.close(ignored);
    for (const auto& session : std::exchange(sessions, {}))
        session->drop();
    // Only our own: somebody may have put another in its place.
    struct stat now {};
    if (socket_file.st_ino != 0 && ::lstat(endpoint.path.c_str(), &now) == 0 && now.st_ino == socket_file.st_ino &&
        now.st_dev == socket_file.st_dev) {
        ::unlink(endpoint.path.c_str());
    }
}

Listener::Listener(asio::io_context& io, Endpoint endpoint, Page page, ListenerCounters& counters,
                   std::function<void(const std::string&)> trouble, ListenerLimits limits)
    : impl_(std::make_shared<Impl>(io, std::move(endpoint), std::move(page), counters, std::move(trouble), limits)) {
    try {
        impl_->open();
    } catch (...) {
        impl_->close();
        throw;
    }
}

Listener::~Listener() {
    impl_->close();
}

const Endpoint& Listener::endpoint() const {
    return impl_->endpoint;
}

}  // namespace engine::metrics
