#pragma once
// From words to a command and its arguments. Spec pvecm.md section 2.2.

#include <stdexcept>
#include <string>
#include <vector>

#include "pvecm/cli/command.hpp"
#include "pvecm/words.hpp"

namespace pvecm {

// No command of that name. what() is the line after "ERROR: "; `part` are the commands that start with what was said
// ("qdevice"), none if all are meant.
class NoCommand : public std::runtime_error {
public:
    NoCommand(const std::string& text, std::string part_) : std::runtime_error(text), part(std::move(part_)) {}
    const std::string part;
};

// What is wrong with the arguments: all that is printed above the usage line.
class WrongArguments : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// The command that the first words name, abbreviated or not; they are taken off `words`. Throws NoCommand.
const Command& find_command(const std::vector<Command>& commands, Words& words);

// Throws WrongArguments.
Arguments parse_arguments(const Command& command, const Words& words);

}  // namespace pvecm
