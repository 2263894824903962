#include "pvecm/commands/all.hpp"

namespace pvecm::commands {

std::vector<Command> all() {
    return {qdevice_remove(),
            qdevice_setup(),
            addnode(),
            apiver(),
            create(),
            delnode(),
            add(),
            expected(),
            keygen(),
            mtunnel(),
            nodes(),
            status(),
            updatecerts(),
            help(),
            config_check(),
            config_diff(),
            config_apply(),
            config_edit(),
            config_rollback(),
            quorum_command(),
            separate_command(),
            start_guests(),
            stop_guests(),
            move_guest(),
            service()};
}

}  // namespace pvecm::commands
