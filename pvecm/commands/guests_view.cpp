#include "pvecm/commands/guests_view.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pvecm/commands/options.hpp"
#include "pvecm/config/datacenter.hpp"
#include "pvecm/host/files.hpp"
#include "tools/common/program.hpp"

namespace pvecm::commands {

using guests::Guest;
using guests::Kind;

OwnGuests own_guests(const Context& context) {
    std::vector<std::string> warnings;
    OwnGuests own{.all = guests::guests_on(context.paths, context.node, warnings), .managed = {}};
    for (const std::string& warning : warnings)
        fmt::print(stderr, "warning: {}\n", warning);
    own.managed = guests::managed_ids(read_file(context.paths.pve("ha/resources.cfg")).value_or(""));
    return own;
}

std::size_t workers(const Context& context, const Arguments& arguments, std::size_t fallback) {
    if (const auto given = arguments.number("max-workers")) return static_cast<std::size_t>(*given);
    const auto datacenter = config::read_datacenter(read_file(context.paths.pve("datacenter.cfg")).value_or(""));
    for (const auto* const about : {&datacenter.wrong, &datacenter.unknown}) {
        for (const std::string& each : *about)
            fmt::print(stderr, "{}\n", each);
    }
    return datacenter.max_workers ? static_cast<std::size_t>(*datacenter.max_workers) : fallback;
}

std::vector<Option> guest_options() {
    return {
        {.name = "max-workers",
         .type = Type::integer,
         .least = 1,
         .most = 64,
         .help = "How many run up or down at once. Without it, what 'max_workers' of datacenter.cfg says, else one to "
                 "start, and to stop as many as there are processors."},
        {.name = "plan", .type = Type::boolean, .help = "Say which it would be, in which order, and do nothing."},
        json_option()};
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
                        {"up", maybe(guest.up)},
                        {"down", maybe(guest.down)}});
        if (!json) fmt::print("{} {}\n", guests::short_name(guest.kind), guest.id);
    }
    if (json) tools::print_json(list);
}

}  // namespace pvecm::commands
