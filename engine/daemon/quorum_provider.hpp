#pragma once
// votequorum in the daemon: the service with its clock, log, file and keys, and its clients.
// Spec votequorum.md sections 2.4 and 8.
//
// A reload needs to do nothing for it: the keys of quorum and nodelist are read again when one of them changes in the
// map or, while config.totemconfig_reload_in_progress is set, once when that goes back to 0.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cmap/map.hpp"
#include "engine/daemon/daemon.hpp"
#include "engine/daemon/tracking_file.hpp"
#include "engine/ipc/votequorum_frontend.hpp"
#include "engine/services/votequorum/votequorum_service.hpp"
#include "engine/why/recorder.hpp"

namespace engine {

class QuorumProvider final : private votequorum::VotequorumHost {
public:
    // Throws std::runtime_error saying why the configuration or its file keep it from starting. All references must
    // outlive it.
    QuorumProvider(const DaemonSetup& setup, ExecSender& sender, votequorum::QuorumSink& sink, why::Recorder& changes);
    ~QuorumProvider() override;
    QuorumProvider(const QuorumProvider&) = delete;
    QuorumProvider& operator=(const QuorumProvider&) = delete;

    votequorum::VotequorumService& service() { return *service_; }
    ipc::ServiceFrontend& frontend() { return *frontend_; }

private:
    // votequorum::VotequorumHost
    totem::Instant now() override;
    void store_tracking_barrier(std::uint32_t barrier) override;
    void publish(const vote::Published& values) override;
    void numbers(const votequorum::Numbers& numbers) override;
    void heard(NodeId sender, const vote::Message& message) override;
    bool wants(vote::Level level) const override;
    void log(vote::Level level, std::string_view text) override;

    void watch(std::string_view keys, cmap::Scope scope);
    void key_changed(const cmap::Change& change);

    LogSink& log_;
    why::Recorder& changes_;
    const totem::Dialect dialect_;
    std::shared_ptr<cmap::Map> map_;
    TrackingFile tracking_;
    std::vector<cmap::Map::TrackerId> trackers_;
    std::unique_ptr<votequorum::VotequorumService> service_;
    std::unique_ptr<ipc::VotequorumFrontend> frontend_;
};

}  // namespace engine
