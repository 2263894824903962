#pragma once
// The commands, each in a file of its name.

#include <vector>

#include "pvecm/cli/command.hpp"

namespace pvecm::commands {

Command add();
Command addnode();
Command apiver();
Command config_apply();
Command config_check();
Command config_diff();
Command config_edit();
Command config_rollback();
Command create();
Command delnode();
Command expected();
Command help();
Command keygen();
Command mtunnel();
Command move_guest();
Command nodes();
Command qdevice_remove();
Command qdevice_setup();
Command quorum_command();
Command separate_command();
Command service();
Command start_guests();
Command status();
Command stop_guests();
Command updatecerts();

// In the order of the printed list.
std::vector<Command> all();

}  // namespace pvecm::commands
