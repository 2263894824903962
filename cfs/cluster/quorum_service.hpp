#pragma once
// Whether this node's partition has quorum, as corosync tells (pmxcfs.md 15.2). Without a connection it has none.

#include <corosync/quorum.h>

#include <functional>

#include "cfs/cluster/service.hpp"

namespace cfs::cluster {

class QuorumService final : public Service {
public:
    // `changed` is called on changes only; it starts without quorum.
    QuorumService(boost::asio::io_context& loop, ServiceObserver& observer, std::function<void(bool)> changed)
        : Service(loop, observer), changed_(std::move(changed)) {}
    ~QuorumService() override { stop(); }

private:
    static void notified(quorum_handle_t handle, std::uint32_t quorate, std::uint64_t ring_seq, std::uint32_t entries,
                         std::uint32_t* members);
    int open() override;
    cs_error_t handle_events() override;
    void close() override;
    void lost() override { set(false); }
    std::string_view dispatch_name() const override { return "quorum_dispatch"; }
    void set(bool quorate);

    std::function<void(bool)> changed_;
    quorum_handle_t handle_ = 0;
    bool quorate_ = false;
};

}  // namespace cfs::cluster
