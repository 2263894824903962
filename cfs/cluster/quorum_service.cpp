#include "cfs/cluster/quorum_service.hpp"

#include <fmt/format.h>

namespace cfs::cluster {
namespace {

// libquorum's callbacks carry nothing of ours; they come from within quorum_dispatch() only.
thread_local QuorumService* dispatching = nullptr;

}  // namespace

void QuorumService::notified(quorum_handle_t, std::uint32_t quorate, std::uint64_t, std::uint32_t, std::uint32_t*) {
    if (dispatching) dispatching->set(quorate != 0);
}

int QuorumService::open() {
    quorum_callbacks_t callbacks{&QuorumService::notified};
    std::uint32_t type = 0;
    cs_error_t error = quorum_initialize(&handle_, &callbacks, &type);
    if (error != CS_OK) {
        report_failure("quorum_initialize", error);
        return -1;
    }
    int fd = -1;
    if (type != QUORUM_SET) {
        observer_.report(Severity::critical, fmt::format("quorum_initialize returned wrong quorum_type: {}", type));
    } else if (error = quorum_fd_get(handle_, &fd); error != CS_OK) {
        report_failure("quorum_fd_get", error);
    } else if (error = quorum_trackstart(handle_, CS_TRACK_CHANGES); error != CS_OK) {
        report_failure("quorum_trackstart", error);
    } else {
        return fd;
    }
    close();
    return -1;
}

cs_error_t QuorumService::handle_events() {
    dispatching = this;
    const cs_error_t error = quorum_dispatch(handle_, CS_DISPATCH_ALL);
    dispatching = nullptr;
    return error;
}

void QuorumService::close() {
    quorum_finalize(handle_);
}

void QuorumService::set(bool quorate) {
    if (quorate == quorate_) return;
    quorate_ = quorate;
    changed_(quorate);
}

}  // namespace cfs::cluster
