// pvecm stop-guests: the guests of this node, before it goes down. Spec pvecm.md section 17.
#include <algorithm>
#include <thread>

#include "pvecm/commands/all.hpp"
#include "pvecm/commands/guests_view.hpp"
#include "pvecm/guests/run.hpp"

namespace pvecm::commands {
namespace {

constexpr int kSomeFailed = 1;

// Without quorum too: the node goes down all the same.
int run(Context& context, const Arguments& arguments) {
    const OwnGuests own = own_guests(context);
    const auto plan = guests::stop_order(own.all, own.managed);
    if (arguments.flag("plan")) {
        print_plan(plan, arguments.flag("json"));
        return 0;
    }
    const std::size_t processors = std::max(1U, std::thread::hardware_concurrency());
    const guests::Commands commands(context.paths);
    return guests::stop_all(commands, plan, workers(context, arguments, processors)) ? 0 : kSomeFailed;
}

}  // namespace

Command stop_guests() {
    return {.name = "stop-guests",
            .group = Group::addition,
            .help =
                "Shuts down the guests of this node that run, in the opposite order of their start. One that does not "
                "end in the time it has is stopped by force. Ends with 1 if one of them did not stop.",
            .options = guest_options(),
            .run = run};
}

}  // namespace pvecm::commands
