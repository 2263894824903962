#pragma once
// All guests of a node that are to be started or stopped, in their order. Spec pvecm.md section 17.

#include <cstddef>
#include <vector>

#include "pvecm/guests/commands.hpp"
#include "pvecm/guests/guest.hpp"

namespace pvecm::guests {

// Guests of one order, which run up or down beside each other; in the sequence of `plan`.
std::vector<std::vector<Guest>> by_order(const std::vector<Guest>& plan);

// Each says what it does, runs at most `workers` commands at once, and ends one order before it begins the next. False
// if one of the guests failed. Throws Error if quorum is lost before all are started.
bool start_all(const Paths& paths, const Commands& commands, const std::vector<Guest>& plan, std::size_t workers);
bool stop_all(const Commands& commands, const std::vector<Guest>& plan, std::size_t workers);

}  // namespace pvecm::guests
