#pragma once
// Guests as the store has them: one configuration each, in the folder of the node they are on. Spec pvecm.md
// section 17.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pvecm/host/paths.hpp"

namespace pvecm::guests {

enum class Kind { machine, container };  // qemu-server, lxc

struct Guest {
    long id = 0;
    Kind kind = Kind::machine;
    std::string node;
    bool onboot = false, is_template = false;
    std::string lock;           // who holds it: "backup", "migrate"
    std::optional<long> order;  // of its start; without one it starts last
    std::optional<long> up;     // seconds to wait after its start
    std::optional<long> down;   // seconds it gets to end by itself
    std::string file(const Paths& paths, const std::string& on_node) const;
};

const char* folder_of(Kind kind);   // "qemu-server"
const char* short_name(Kind kind);  // "VM", as in messages

// What its configuration says, without its snapshots. Wrong values of `startup` are said in `warnings`.
Guest parse_guest(std::string_view text, long id, Kind kind, std::vector<std::string>& warnings);

// All of a node, by kind and id.
std::vector<Guest> guests_on(const Paths& paths, const std::string& node, std::vector<std::string>& warnings);

// Without the line of that lock.
std::string without_lock(std::string_view text);

// The ids that a ha/resources.cfg manages.
std::vector<long> managed_ids(std::string_view resources_cfg);

// Those that are to be started, in the order they are: by `order`, then by id; those without an order last.
std::vector<Guest> start_order(std::vector<Guest> guests, const std::vector<long>& managed, bool all);

// Those that may be stopped with the node, whether marked or not, in the opposite order.
std::vector<Guest> stop_order(std::vector<Guest> guests, const std::vector<long>& managed);

}  // namespace pvecm::guests
