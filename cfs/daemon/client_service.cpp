#include "cfs/daemon/client_service.hpp"

#include <boost/asio/post.hpp>
#include <future>

#include "cfs/daemon/log.hpp"

namespace cfs::daemon {

void ClientService::start() {
    thread_ = std::thread([this] { loop_.run(); });
    on_loop([this] {
        server_ = std::make_unique<ipc::Server>(loop_, backend_, static_cast<ipc::ServerObserver&>(*this), settings_);
        server_->start();
    });
}

void ClientService::stop() {
    if (!thread_.joinable()) return;
    on_loop([this] { server_.reset(); });
    work_.reset();
    thread_.join();
}

// libqb's server belongs to the thread that made it.
void ClientService::on_loop(const std::function<void()>& work) {
    std::packaged_task<void()> task(work);
    auto done = task.get_future();
    boost::asio::post(loop_, [&task] { task(); });
    done.get();
}

void ClientService::report(Severity severity, std::string_view text) {
    log(severity, Domain::ipcs, text);
}

}  // namespace cfs::daemon
