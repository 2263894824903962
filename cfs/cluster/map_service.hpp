#pragma once
// What the cluster map says about the cluster and its nodes (pmxcfs.md 15.3).

#include <corosync/cmap.h>

#include <functional>

#include "cfs/cluster/service.hpp"
#include "cfs/replica/status/status.hpp"

namespace cfs::cluster {

class MapService final : public Service {
public:
    // `changed` is called at every connection and change, if the map names a cluster.
    MapService(boost::asio::io_context& loop, ServiceObserver& observer,
               std::function<void(replica::ClusterInfo)> changed)
        : Service(loop, observer), changed_(std::move(changed)) {}
    ~MapService() override { stop(); }

private:
    static void notified(cmap_handle_t handle, cmap_track_handle_t track, std::int32_t event, const char* key,
                         cmap_notify_value now, cmap_notify_value before, void* self);
    int open() override;
    cs_error_t handle_events() override;
    void close() override;
    std::string_view dispatch_name() const override { return "cmap_dispatch"; }
    void read();

    std::function<void(replica::ClusterInfo)> changed_;
    cmap_handle_t handle_ = 0;
    bool stale_ = true;  // the map has changed since it was read
};

}  // namespace cfs::cluster
