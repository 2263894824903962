// pvecm keygen, apiver, help. Spec pvecm.md sections 2.3 and 10.
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "pvecm/cli/parser.hpp"
#include "pvecm/cli/usage.hpp"
#include "pvecm/commands/all.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/context.hpp"
#include "pvecm/host/files.hpp"
#include "tools/keygen/keygen.hpp"

namespace pvecm::commands {
namespace {

int run_keygen(Context&, const Arguments& arguments) {
    if (::geteuid() != 0) throw Error("Error: Authorization key must be generated as root user.");
    tools::keygen::Request request;
    request.file = arguments.at("filename");
    if (exists(request.file)) throw Error(fmt::format("key file '{}' already exists", request.file));
    const std::string folder = std::filesystem::path(request.file).parent_path();
    if (!folder.empty()) make_folder(folder);
    return tools::keygen::generate("pvecm", request);
}

int run_apiver(Context&, const Arguments&) {
    fmt::print("1\n");
    return 0;
}

int run_help(Context& context, const Arguments& arguments) {
    const bool verbose = arguments.flag("verbose", true);
    const auto text = [verbose](const Command& command) {
        return verbose ? help_text(command) : fmt::format("USAGE: {}\n", usage_line(command));
    };
    if (!arguments.extra().empty()) {
        Words words = arguments.extra();
        fmt::print("{}", text(find_command(context.commands, words)));
        return 0;
    }
    if (!verbose) {
        fmt::print("{}", usage_block(context.commands));
        return 0;
    }
    for (const Command& command : context.commands)
        fmt::print("{}\n", text(command));
    return 0;
}

}  // namespace

Command keygen() {
    return {.name = "keygen",
            .help = "Generate new cryptographic key for corosync.",
            .positionals = {{.name = "filename", .help = "Output file name"}},
            .run = run_keygen};
}

Command apiver() {
    return {.name = "apiver",
            .group = Group::members,
            .help = "Display the version of the cluster join interface of this node.",
            .run = run_apiver};
}

Command help() {
    return {.name = "help",
            .group = Group::help,
            .help = "Get help about specified command.",
            .extra_arguments = true,
            .options = {{.name = "verbose", .type = Type::boolean, .help = "Verbose output format.", .fallback = "1"}},
            .needs = Needs::nothing,
            .run = run_help};
}

}  // namespace pvecm::commands
