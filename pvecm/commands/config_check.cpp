// pvecm config check: is that a corosync.conf that every node would start with?
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pvecm/commands/all.hpp"
#include "pvecm/commands/change_view.hpp"
#include "pvecm/commands/options.hpp"
#include "pvecm/config/judge.hpp"
#include "pvecm/error.hpp"
#include "tools/common/program.hpp"

namespace pvecm::commands {
namespace {

constexpr int kWrong = 1;

int run(Context& context, const Arguments& arguments) {
    const std::string file = arguments.get("file").value_or(context.paths.cluster_conf());
    const auto judgement = config::judge(read_given(file), file);
    if (arguments.flag("json")) {
        tools::print_json({{"file", file},
                           {"valid", judgement.ok()},
                           {"errors", judgement.errors},
                           {"warnings", judgement.warnings}});
        return judgement.ok() ? 0 : kWrong;
    }
    for (const std::string& error : judgement.errors)
        fmt::print(stderr, "{}\n", error);
    for (const std::string& warning : judgement.warnings)
        fmt::print(stderr, "warning: {}\n", warning);
    if (judgement.ok()) fmt::print("{}: fine\n", file);
    return judgement.ok() ? 0 : kWrong;
}

}  // namespace

Command config_check() {
    return {.name = "config check",
            .group = Group::addition,
            .help =
                "Checks a corosync.conf by the engine's own rules, for every node that it lists. Ends with 1 if it is "
                "wrong.",
            .positionals = {{.name = "file", .help = "The file, else that of the cluster.", .optional = true}},
            .options = {json_option()},
            .needs = Needs::nothing,
            .run = run};
}

}  // namespace pvecm::commands
