// pvecm service: the services as pvecm itself starts and stops them, for where no systemd does.
#include <fmt/format.h>

#include "pvecm/commands/all.hpp"
#include "pvecm/host/context.hpp"

namespace pvecm::commands {
namespace {

constexpr int kNotRunning = 3;  // as systemctl ends

int run(Context& context, const Arguments& arguments) {
    const std::string verb = arguments.at("verb"), name = arguments.at("name");
    Services& services = context.services();
    if (verb == "start") services.start({name});
    if (verb == "stop") services.stop({name});
    if (verb == "restart") services.restart({name});
    if (verb != "status") return 0;
    const bool running = services.running(name);
    fmt::print("{}\n", running ? "running" : "stopped");
    return running ? 0 : kNotRunning;
}

}  // namespace

Command service() {
    return {.name = "service",
            .group = Group::addition,
            .help =
                "Start and stop services of the cluster. Where no systemd runs, this is what starts them at boot: "
                "first pve-cluster, then corosync.",
            .positionals = {{.name = "verb", .choices = {"start", "stop", "restart", "status"}, .help = "What to do."},
                            {.name = "name",
                             .choices = {kStore, kCorosync, kQdevice},
                             .help = "The service, by the name of its unit."}},
            .needs = Needs::nothing,
            .run = run};
}

}  // namespace pvecm::commands
