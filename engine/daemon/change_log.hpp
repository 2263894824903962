#pragma once
// Why membership and quorum changed (engine/why) in the daemon: the recorder with its clock, its journal in the state
// directory and one line of the log per record.

#include "engine/config/cluster_config.hpp"
#include "engine/daemon/log_sink.hpp"
#include "engine/daemon/networks.hpp"
#include "engine/why/journal.hpp"
#include "engine/why/recorder.hpp"

namespace engine {

class ChangeLog final : private why::Surroundings {
public:
    // All references must outlive this object.
    ChangeLog(LogSink& log, const config::ClusterConfig& config, const totem::Identity& self, const Networks& networks);
    ChangeLog(const ChangeLog&) = delete;
    ChangeLog& operator=(const ChangeLog&) = delete;

    why::Recorder& recorder() { return recorder_; }
    // The latest records, for a state dump.
    void dump() const;

private:
    // why::Surroundings
    Stamp stamp() override;
    Link link() override;
    void closed(why::Record record) override;

    LogSink& log_;
    const Networks& networks_;
    why::Journal journal_;
    why::Recorder recorder_;
};

}  // namespace engine
