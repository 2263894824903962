// pvecm help. Spec pvecm.md section 2.3.
#include <fmt/format.h>

#include "pvecm/cli/parser.hpp"
#include "pvecm/cli/usage.hpp"
#include "pvecm/commands/all.hpp"
#include "pvecm/host/context.hpp"

namespace pvecm::commands {
namespace {

int run(Context& context, const Arguments& arguments) {
    const bool verbose = arguments.flag("verbose", true);
    if (!arguments.extra().empty()) {
        Words words = arguments.extra();
        const Command& command = find_command(context.commands, words);
        fmt::print("{}", verbose ? help_text(command) : fmt::format("USAGE: {}\n", usage_line(command)));
        return 0;
    }
    if (!verbose) fmt::print("{}", usage_block(context.commands));
    for (const Command& command : context.commands) {
        if (verbose) fmt::print("{}\n", help_text(command));
    }
    return 0;
}

}  // namespace

Command help() {
    return {.name = "help",
            .group = Group::help,
            .help = "Get help about specified command.",
            .extra_arguments = true,
            .options = {{.name = "verbose", .type = Type::boolean, .help = "Verbose output format.", .fallback = "1"}},
            .needs = Needs::nothing,
            .run = run};
}

}  // namespace pvecm::commands
