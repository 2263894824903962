#pragma once
// What the commands of "config" share.

#include <string>

#include "pvecm/change/plan.hpp"
#include "pvecm/cli/command.hpp"
#include "pvecm/host/context.hpp"

namespace pvecm::commands {

// Throws Error if there is no such file.
std::string read_given(const std::string& file);

// From what the cluster has to that text, whose name is for messages.
change::Plan plan_for(const Context& context, const std::string& text, const std::string& name);

// force, timeout, json
std::vector<Option> apply_options();

// Makes the change and says how it went; the exit status.
int apply_plan(const Context& context, const change::Plan& plan, const Arguments& arguments);

}  // namespace pvecm::commands
