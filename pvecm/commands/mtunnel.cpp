// pvecm mtunnel, which migration calls on the target node. Spec pvecm.md section 12.
#include <fmt/format.h>

#include <iostream>

#include "pvecm/commands/all.hpp"
#include "pvecm/config/datacenter.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/context.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/host/migration.hpp"

namespace pvecm::commands {
namespace {

// What is asked for, or else what the cluster has set.
std::optional<std::string> network(const Context& context, const Arguments& arguments) {
    if (auto given = arguments.get("migration_network")) return given;
    // Settings of other programs are no news at every migration: 'config check' names them.
    const auto datacenter = config::read_datacenter(read_file(context.paths.pve("datacenter.cfg")).value_or(""));
    for (const std::string& wrong : datacenter.wrong)
        fmt::print(stderr, "{}\n", wrong);
    return datacenter.migration ? datacenter.migration->network : std::nullopt;
}

int print_address(const std::optional<std::string>& cidr) {
    if (cidr) {
        fmt::print("ip: '{}'\n", migration_address(*cidr));
    } else {
        fmt::print("no ip\n");
    }
    return 0;
}

int run_command(const Context& context, const Arguments& arguments, const std::optional<std::string>& cidr) {
    if (arguments.extra().empty()) throw Error("missing command");
    serve_once(context.paths, cidr ? migration_address(*cidr) : context.own_address(), arguments.extra());
    return 0;
}

int run(Context& context, const Arguments& arguments) {
    if (!quorate(context.paths)) {
        fmt::print("no quorum\n");
        return 0;
    }
    const bool address = arguments.flag("get_migration_ip"), command = arguments.flag("run-command");
    if (address && command) throw Error("cannot use --run-command with --get_migration_ip");
    if (address) return print_address(network(context, arguments));
    if (command) return run_command(context, arguments, network(context, arguments));
    fmt::print("tunnel online\n");
    std::fflush(stdout);
    for (std::string line; std::getline(std::cin, line) && line != "quit";) {
    }
    return 0;
}

}  // namespace

Command mtunnel() {
    return {.name = "mtunnel",
            .help = "Used by VM/CT migration - do not use manually.",
            .extra_arguments = true,
            .options = {{.name = "get_migration_ip",
                         .type = Type::boolean,
                         .help = "Return the migration IP, if configured.",
                         .fallback = "0"},
                        {.name = "migration_network",
                         .format = Format::cidr,
                         .help = "The migration network used to detect the local migration IP."},
                        {.name = "run-command",
                         .type = Type::boolean,
                         .help = "Run a command with a tcp socket as standard input."}},
            .run = run};
}

}  // namespace pvecm::commands
