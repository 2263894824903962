// pvecm start-guests: after a cold start, the guests of this node once the cluster is quorate. Spec pvecm.md
// section 17.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "pvecm/commands/all.hpp"
#include "pvecm/commands/options.hpp"
#include "pvecm/error.hpp"
#include "pvecm/guests/commands.hpp"
#include "pvecm/host/context.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/host/process.hpp"
#include "pvecm/host/quorum_wait.hpp"
#include "tools/common/program.hpp"

namespace pvecm::commands {
namespace {

using guests::Guest;
using guests::Kind;

constexpr int kSomeFailed = 1;
constexpr long kPauseAfterMachine = 3;  // seconds, unless it says otherwise

void say(const std::string& text) {
    fmt::print("{}\n", text);
    std::fflush(stdout);
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

// False if it did not start.
bool start(const guests::Commands& commands, const Guest& guest) {
    const char* const what = guests::short_name(guest.kind);
    say(fmt::format("Starting {} {}", what, guest.id));
    const Finished done = run_captured(commands.start(guest));
    if (!done.ok()) {
        fmt::print(stderr, "Starting {} {} failed: {}{}", what, guest.id, done.err.empty() ? done.out : done.err,
                   done.err.ends_with('\n') ? "" : "\n");
        return false;
    }
    const long pause = guest.up.value_or(guest.kind == Kind::machine ? kPauseAfterMachine : 0);
    if (guest.up && pause > 0) say(fmt::format("Waiting for {} seconds (startup delay)", pause));
    std::this_thread::sleep_for(std::chrono::seconds(pause));
    return true;
}

void print_plan(const std::vector<Guest>& plan, bool json) {
    nlohmann::json list = nlohmann::json::array();
    for (const Guest& guest : plan) {
        const auto maybe = [](std::optional<long> number) {
            return number ? nlohmann::json(*number) : nlohmann::json(nullptr);
        };
        list.push_back({{"id", guest.id},
                        {"type", guest.kind == Kind::machine ? "qemu" : "lxc"},
                        {"order", maybe(guest.order)},
                        {"up", maybe(guest.up)}});
        if (!json) say(fmt::format("{} {}", guests::short_name(guest.kind), guest.id));
    }
    if (json) tools::print_json(list);
}

int run(Context& context, const Arguments& arguments) {
    const Paths& paths = context.paths;
    const bool only_plan = arguments.flag("plan");
    if (!only_plan) wait_for_cluster(context, arguments);
    std::vector<std::string> warnings;
    const auto all = guests::guests_on(paths, context.node, warnings);
    for (const std::string& warning : warnings)
        fmt::print(stderr, "warning: {}\n", warning);
    const auto managed = guests::managed_ids(read_file(paths.pve("ha/resources.cfg")).value_or(""));
    const auto plan = guests::start_order(all, managed, arguments.flag("force"));
    if (only_plan) {
        print_plan(plan, arguments.flag("json"));
        return 0;
    }
    remove_backup_locks(paths, all);
    const guests::Commands commands(paths);
    int status = 0;
    for (const Guest& guest : plan) {
        require_quorum(paths);
        if (!commands.running(guest) && !start(commands, guest)) status = kSomeFailed;
    }
    return status;
}

}  // namespace

Command start_guests() {
    return {.name = "start-guests",
            .group = Group::addition,
            .help =
                "Waits until the cluster is quorate, then starts the guests of this node that are marked onboot, in "
                "their order and with their delays, by the commands that are set for them. Ends with 1 if one of them "
                "did not start.",
            .options = {{.name = "timeout",
                         .type = Type::integer,
                         .least = 1,
                         .help = "Seconds to wait for quorum at most. Without it there is no limit."},
                        {.name = "force", .type = Type::boolean, .help = "All guests, whether marked or not."},
                        {.name = "plan",
                         .type = Type::boolean,
                         .help = "Say which would be started, in which order, and start none."},
                        json_option()},
            .run = run};
}

}  // namespace pvecm::commands
