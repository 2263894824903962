#include "pvecm/commands/all.hpp"

namespace pvecm::commands {

std::vector<Command> all() {
    return {qdevice_remove(), qdevice_setup(), addnode(), apiver(), create(),      delnode(), add(),    expected(),
            keygen(),         mtunnel(),       nodes(),   status(), updatecerts(), help(),    service()};
}

}  // namespace pvecm::commands
