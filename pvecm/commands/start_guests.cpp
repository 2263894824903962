// pvecm start-guests: after a cold start, the guests of this node once the cluster is quorate. Spec pvecm.md
// section 17.
#include <fmt/format.h>

#include <thread>

#include "pvecm/commands/all.hpp"
#include "pvecm/commands/guests_view.hpp"
#include "pvecm/config/datacenter.hpp"
#include "pvecm/error.hpp"
#include "pvecm/guests/run.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/host/quorum_wait.hpp"

namespace pvecm::commands {
namespace {

using guests::Guest;

constexpr int kSomeFailed = 1;

void say(const std::string& text) {
    fmt::print("{}\n", text);
    std::fflush(stdout);
}

// What the node is set to wait at boot.
void delay(const Context& context) {
    std::vector<std::string> warnings;
    const std::string own = read_file(context.paths.node_folder(context.node) + "/config").value_or("");
    const long seconds = config::start_delay(own, warnings);
    for (const std::string& warning : warnings)
        fmt::print(stderr, "warning: {}\n", warning);
    if (seconds == 0) return;
    say(fmt::format("Delaying on-boot 'startall' command for {} second(s).", seconds));
    std::this_thread::sleep_for(std::chrono::seconds(seconds));
}

void wait_for_cluster(const Context& context, const Arguments& arguments) {
    if (in_step(context.paths)) return;
    say("waiting for quorum ...");
    const auto limit = arguments.number("timeout");
    if (!await_quorum(context.paths, limit ? std::optional(std::chrono::seconds(*limit)) : std::nullopt))
        throw Error(fmt::format("no quorum after {} seconds: no guest is started", *limit));
    say("got quorum");
}

// A backup that was running when the node went down can't be.
void remove_backup_locks(const Paths& paths, const std::vector<Guest>& all) {
    for (const Guest& guest : all) {
        if (guest.lock != "backup") continue;
        const std::string file = guest.file(paths, guest.node);
        write_file(file, guests::without_lock(read_file(file).value_or("")), 0640);
        say(fmt::format("removed left over backup lock from '{}'!", guest.id));
    }
}

int run(Context& context, const Arguments& arguments) {
    const Paths& paths = context.paths;
    const bool only_plan = arguments.flag("plan"), all = arguments.flag("force");
    if (!only_plan) {
        if (!all) delay(context);
        wait_for_cluster(context, arguments);
    }
    const OwnGuests own = own_guests(context);
    const auto plan = guests::start_order(own.all, own.managed, all);
    if (only_plan) {
        print_plan(plan, arguments.flag("json"));
        return 0;
    }
    remove_backup_locks(paths, own.all);
    const guests::Commands commands(paths);
    return guests::start_all(paths, commands, plan, workers(context, arguments, 1)) ? 0 : kSomeFailed;
}

std::vector<Option> options() {
    std::vector<Option> result = guest_options();
    result.push_back({.name = "timeout",
                      .type = Type::integer,
                      .least = 1,
                      .help = "Seconds to wait for quorum at most. Without it there is no limit."});
    result.push_back({.name = "force",
                      .type = Type::boolean,
                      .help = "All guests, whether marked or not, and without the delay that the node has at boot."});
    return result;
}

}  // namespace

Command start_guests() {
    return {.name = "start-guests",
            .group = Group::addition,
            .help =
                "Waits as long as 'startall-onboot-delay' of the node says and until the cluster is quorate, then "
                "starts the guests of this node that are marked onboot, in their order and with their delays, by the "
                "commands that are set for them. Ends with 1 if one of them did not start.",
            .options = options(),
            .run = run};
}

}  // namespace pvecm::commands
