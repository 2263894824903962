#pragma once
// The redundant rings of an engine that speaks the 2.x dialect, with the texts of corosync-cfgtool 2.4.
// Spec corosync-conf.md section 15.2, client-ipc.md section 8.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace tools::cfgtool {

// As the library reports it; `number` from 0.
struct Ring {
    unsigned number = 0;
    std::string id, status;
};
std::string rings_text(std::uint32_t local, const std::vector<Ring>& rings);
bool any_faulty(const std::vector<Ring>& rings);

// They print and return the exit code. `only`: the id of a ring, "" for all.
int show_rings(const std::string& only, bool json);  // -s, 1 if a ring is faulty
int reenable_rings();                                // -r

}  // namespace tools::cfgtool
