#include "engine/ipc/access.hpp"

#include <string>

namespace engine::ipc {

bool may_connect(const cmap::Map& map, uid_t euid, gid_t egid) {
    const auto allows = [&map](const char* prefix, auto id) {
        return map.get_number<std::uint8_t>(prefix + std::to_string(id)) == 1;
    };
    return allows("uidgid.uid.", euid) || allows("uidgid.config.uid.", euid) || allows("uidgid.gid.", egid) ||
           allows("uidgid.config.gid.", egid);
}

}  // namespace engine::ipc
