#include "cfs/cluster/fd_watch.hpp"

#include <fcntl.h>

namespace cfs::cluster {

void FdWatch::watch(int fd) {
    if (fd == original_) return;
    original_ = fd;
    ++*watched_;
    boost::system::error_code ignored;
    descriptor_.close(ignored);
    const int duplicate = fd < 0 ? -1 : ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (duplicate < 0) return;
    descriptor_.assign(duplicate);
    wait();
}

void FdWatch::wait() {
    const std::weak_ptr<unsigned> alive = watched_;
    descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                           [this, alive, number = *watched_](const boost::system::error_code& error) {
                               const auto watched = alive.lock();
                               if (error || !watched || number != *watched) return;
                               readable_();
                               if (number == *watched) wait();
                           });
}

}  // namespace cfs::cluster
