// pvecm apiver. Spec pvecm.md section 10.3.
#include <fmt/format.h>

#include "pvecm/commands/all.hpp"

namespace pvecm::commands {

Command apiver() {
    return {.name = "apiver",
            .group = Group::members,
            .help = "Display the version of the cluster join interface of this node.",
            .run = [](Context&, const Arguments&) {
                fmt::print("1\n");
                return 0;
            }};
}

}  // namespace pvecm::commands
