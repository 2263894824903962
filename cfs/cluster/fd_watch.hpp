#pragma once
// A file descriptor of a client library on the event loop: says when there is something to dispatch. Watches a
// duplicate, so the library may close its own whenever it likes.

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>

namespace cfs::cluster {

class FdWatch {
public:
    // `readable` is called on the loop; it may call watch().
    FdWatch(boost::asio::io_context& loop, std::function<void()> readable)
        : descriptor_(loop), readable_(std::move(readable)) {}
    FdWatch(const FdWatch&) = delete;
    FdWatch& operator=(const FdWatch&) = delete;

    // From now on this one, -1 for none. What is watched already is not watched anew: between two connections, which
    // may have the same number, there has to be a call with -1.
    void watch(int fd);

private:
    void wait();

    boost::asio::posix::stream_descriptor descriptor_;
    std::function<void()> readable_;
    int original_ = -1;
    // So many so far. Shared with the waits, which may end when this object is gone.
    std::shared_ptr<unsigned> watched_ = std::make_shared<unsigned>(0);
};

}  // namespace cfs::cluster
