#include "cfs/cluster/service.hpp"

#include <fmt/format.h>

namespace cfs::cluster {
namespace {

constexpr std::chrono::seconds kBetweenTries{6};

}  // namespace

void Service::start() {
    const int fd = open();
    connected_ = fd >= 0;
    if (connected_) {
        failed_before_ = false;
        fd_.watch(fd);
        dispatch();  // what came with the connection
        return;
    }
    if (!failed_before_) observer_.report(Severity::critical, "can't initialize service");
    failed_before_ = true;
    try_again();
}

void Service::stop() {
    timer_.cancel();
    if (connected_) end();
}

void Service::dispatch() {
    if (!connected_) return;
    const cs_error_t error = handle_events();
    if (error == CS_OK || error == CS_ERR_TRY_AGAIN) return;
    report_failure(dispatch_name(), error);
    end();
    lost();
    try_again();
}

void Service::end() {
    fd_.watch(-1);
    close();
    connected_ = false;
}

void Service::try_again() {
    timer_.expires_after(kBetweenTries);
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) start();
    });
}

void Service::report_failure(std::string_view call, cs_error_t error) {
    observer_.report(Severity::critical, fmt::format("{} failed: {}", call, static_cast<int>(error)));
}

}  // namespace cfs::cluster
