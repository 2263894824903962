#pragma once
// The lines about who takes part in a synchronisation and who belongs to the ring.
// Spec corosync-conf.md section 14.6, totempg-sync-services.md section 13.

#include <span>
#include <vector>

#include "engine/daemon/log_sink.hpp"
#include "totem/srp/interfaces.hpp"

namespace engine {

// "Sync members[2]: 1 2": one line, or several with a trailing backslash when the list is longer than
// what upstream's buffer takes.
std::vector<std::string> id_lines(std::string_view label, std::span<const totem::NodeId> ids);

class MembershipLog {
public:
    explicit MembershipLog(LogSink& log) : log_(log) {}

    void configuration(const totem::srp::Configuration& change);
    // A synchronisation of the last regular configuration starts, is completed.
    void sync_started();
    void sync_completed();

private:
    void lines(std::string_view label, std::span<const totem::NodeId> ids);

    LogSink& log_;
    std::vector<totem::NodeId> transitional_, members_, activated_;
};

}  // namespace engine
