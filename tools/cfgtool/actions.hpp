#pragma once
// What corosync-cfgtool does, one function an action. They print and return the exit code.
// Spec corosync-conf.md section 15.2, client-ipc.md section 8.

#include <cstdint>

namespace tools::cfgtool {

bool engine_speaks_2x();  // false also if it does not answer

int show_status(bool brief, bool json);  // -s, the links
int show_nodes(bool json);               // -n
int reload(bool json);                   // -R
int reopen_logs();                       // -L
int kill_node(std::uint32_t nodeid);     // -k
int show_addresses(std::uint32_t nodeid, bool json);
int shut_down(bool force);

}  // namespace tools::cfgtool
