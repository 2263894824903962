#include "cfs/replica/engine/mode.hpp"

namespace cfs::replica {

ModeText entry_text(Mode mode) {
    switch (mode) {
        case Mode::start:
            return {Severity::notice, "start cluster connection"};
        case Mode::start_sync:
            return {Severity::notice, "starting data syncronisation"};
        case Mode::synced:
            return {Severity::notice, "all data is up to date"};
        case Mode::update:
            return {Severity::notice, "waiting for updates from leader"};
        case Mode::leave:
            return {Severity::critical, "leaving CPG group"};
        case Mode::version_error:
            return {Severity::critical, "detected newer protocol - please update this node"};
        case Mode::error:
            break;
    }
    return {Severity::critical, "serious internal error - stop cluster connection"};
}

}  // namespace cfs::replica
