#pragma once
// Who may connect besides root: the uidgid keys. Spec client-ipc.md section 2.5, rules 5 to 8.

#include <sys/types.h>

#include "engine/cmap/map.hpp"

namespace engine::ipc {

// `uidgid.config.*` comes from the configuration files, `uidgid.uid.*` and `uidgid.gid.*` are what a root
// process allowed at run time. Only the value 1 of type u8 allows.
bool may_connect(const cmap::Map& map, uid_t euid, gid_t egid);

}  // namespace engine::ipc
