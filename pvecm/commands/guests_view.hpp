#pragma once
// What start-guests and stop-guests share.

#include <vector>

#include "pvecm/cli/command.hpp"
#include "pvecm/guests/guest.hpp"
#include "pvecm/host/context.hpp"

namespace pvecm::commands {

// The guests of this node and what manages them. What is wrong is said on standard error.
struct OwnGuests {
    std::vector<guests::Guest> all;
    std::vector<long> managed;  // ids, by high availability
};
OwnGuests own_guests(const Context& context);

// How many commands run at once: as given, else as datacenter.cfg has it, else `fallback`.
std::size_t workers(const Context& context, const Arguments& arguments, std::size_t fallback);

std::vector<Option> guest_options();
void print_plan(const std::vector<guests::Guest>& plan, bool json);

}  // namespace pvecm::commands
