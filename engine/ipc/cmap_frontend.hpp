#pragma once
// CMAP for client libraries: the requests and events of client-ipc.md section 9 on top of the map and of
// the statistics. Served in both dialects, since newer tools always ask for a map.

#include <memory>
#include <span>

#include "engine/cmap/map.hpp"
#include "engine/cmap/statistics.hpp"
#include "engine/exec/service.hpp"
#include "engine/ipc/frontend.hpp"

namespace engine::ipc {

class CmapFrontend final : public ServiceFrontend {
public:
    // Both must outlive the frontend. Without statistics that map does not exist.
    explicit CmapFrontend(cmap::Map& map, cmap::Statistics* statistics = nullptr);
    ~CmapFrontend() override;

    // Keys of the statistics appeared (track::kAdd) or are gone (track::kDelete): tells whom it concerns.
    void statistics_changed(unsigned event, std::span<const cmap::Statistics::Entry> entries);
    // Looks whether single tracked statistics changed since the last time (every 1.5 s, section 9.7).
    void check_statistics();

    std::uint32_t service_id() const override { return kCmapService; }
    std::string_view ipc_name() const override { return "cmap"; }
    std::span<const RequestRule> rules() const override;
    Throttle throttle() const override { return Throttle::never; }
    void connected(Connection& connection) override;
    Handled request(Connection& connection, std::uint32_t id, Bytes message) override;
    void disconnected(Connection& connection) override;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace engine::ipc
