#pragma once
// A connection to corosync that is made again when it breaks (pmxcfs.md 15.1).

#include <corosync/corotypes.h>

#include <boost/asio/steady_timer.hpp>
#include <string_view>

#include "cfs/cluster/fd_watch.hpp"
#include "cfs/tree/report.hpp"

namespace cfs::cluster {

class ServiceObserver {
public:
    virtual ~ServiceObserver() = default;
    virtual void report(Severity severity, std::string_view text) = 0;
};

// Connects at start(), and again some seconds after a failure; the first failure of a row is told. On the loop's
// thread.
class Service {
public:
    Service(boost::asio::io_context& loop, ServiceObserver& observer)
        : observer_(observer), fd_(loop, [this] { readable(); }), timer_(loop) {}
    virtual ~Service() = default;
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    void start();
    void stop();
    bool connected() const { return connected_; }
    // What has come is dispatched; also from outside, where the order between services matters.
    void dispatch();

protected:
    // The descriptor, or -1 after having reported why.
    virtual int open() = 0;
    // CS_OK, or what ends the connection.
    virtual cs_error_t handle_events() = 0;
    virtual void close() = 0;  // the handle
    virtual void lost() {}     // after a connection has broken
    virtual std::string_view dispatch_name() const = 0;

    void report_failure(std::string_view call, cs_error_t error);
    ServiceObserver& observer_;

private:
    void readable() { dispatch(); }
    void try_again();
    void end();

    FdWatch fd_;
    boost::asio::steady_timer timer_;
    bool connected_ = false;
    bool failed_before_ = false;
};

}  // namespace cfs::cluster
