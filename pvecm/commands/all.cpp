#include "pvecm/commands/all.hpp"

namespace pvecm::commands {

std::vector<Command> all() {
    return {addnode(), apiver(),  create(), delnode(), add(),         expected(),
            keygen(),  mtunnel(), nodes(),  status(),  updatecerts(), help()};
}

}  // namespace pvecm::commands
