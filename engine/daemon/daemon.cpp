#include "engine/daemon/daemon.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>

#include "engine/daemon/node.hpp"
#include "engine/daemon/node_plan.hpp"
#include "engine/daemon/say.hpp"

namespace engine {

struct Daemon::Impl {
    explicit Impl(DaemonSetup daemon_setup) : setup(std::move(daemon_setup)), signals(io), alive(io) {}

    int run();
    void wait_for_signal();
    void on_signal(int number);
    void tell_alive();
    void shut_down(const std::string& reason, int exit_code);

    DaemonSetup setup;
    boost::asio::io_context io{1};  // one thread
    boost::asio::signal_set signals;
    boost::asio::steady_timer alive;
    std::unique_ptr<Node> node;
    bool shutting_down = false;
    int code = exit_code::kNormal;
};

Daemon::Daemon(DaemonSetup setup) : impl_(std::make_unique<Impl>(std::move(setup))) {}
Daemon::~Daemon() = default;

int Daemon::run() {
    return impl_->run();
}

void Daemon::request_shutdown(std::string reason, int code) {
    boost::asio::post(impl_->io, [this, reason = std::move(reason), code] { impl_->shut_down(reason, code); });
}

int Daemon::Impl::run() {
    try {
        std::signal(SIGPIPE, SIG_IGN);
        for (int number : {SIGTERM, SIGINT, SIGQUIT, SIGUSR2})
            signals.add(number);
        wait_for_signal();
        node = std::make_unique<Node>(io, setup, [this](int failure) { shut_down({}, failure); });
        node->start();
        if (setup.alive_interval.count() > 0) tell_alive();
        auto work = boost::asio::make_work_guard(io);
        io.run();
    } catch (const PlanError& error) {
        say(setup.log, LogLevel::error, kTotem, "{}", error.what());
        code = exit_code::kTotem;
    } catch (const std::exception& error) {
        say(setup.log, LogLevel::crit, kMain, "{}", error.what());
        code = exit_code::kTotem;
    }
    node.reset();
    return code;
}

void Daemon::Impl::wait_for_signal() {
    signals.async_wait([this](const boost::system::error_code& cancelled, int number) {
        if (cancelled) return;
        on_signal(number);
        if (!shutting_down) wait_for_signal();
    });
}

void Daemon::Impl::on_signal(int number) {
    if (number != SIGUSR2) return shut_down("Node was shut down by a signal", exit_code::kNormal);
    if (node) node->dump();
}

void Daemon::Impl::tell_alive() {
    setup.alive();
    alive.expires_after(setup.alive_interval);
    alive.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled) tell_alive();
    });
}

void Daemon::Impl::shut_down(const std::string& reason, int exit_code) {
    if (shutting_down) return;
    shutting_down = true;
    code = exit_code;
    if (!reason.empty()) say(setup.log, LogLevel::notice, kMain, "{}", reason);
    if (setup.stopping) setup.stopping();
    const auto gone = [this] {
        signals.cancel();
        io.stop();
    };
    node ? node->leave(gone) : gone();
}

}  // namespace engine
