#pragma once
// The texts about commands. Spec pvecm.md sections 2.2 and 2.3.

#include <string>
#include <vector>

#include "pvecm/cli/command.hpp"

namespace pvecm {

std::string usage_line(const Command& command);  // "pvecm create <clustername> [OPTIONS]"
// The list of commands, or of those that begin with these words.
std::string usage_block(const std::vector<Command>& commands, const std::string& part = {});
std::string help_text(const Command& command);

// The words that can stand at the cursor, one a line, as bash asks for them.
std::string completions(const std::vector<Command>& commands, const std::string& line, std::size_t cursor);

}  // namespace pvecm
