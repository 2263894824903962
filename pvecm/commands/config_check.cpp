// pvecm config check: is that a corosync.conf that every node would start with, or a datacenter.cfg that counts?
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "pvecm/commands/all.hpp"
#include "pvecm/commands/change_view.hpp"
#include "pvecm/commands/options.hpp"
#include "pvecm/config/datacenter.hpp"
#include "pvecm/config/judge.hpp"
#include "pvecm/error.hpp"
#include "tools/common/program.hpp"

namespace pvecm::commands {
namespace {

constexpr int kWrong = 1;

config::Judgement judge(const std::string& file) {
    const std::string text = read_given(file);
    if (!std::filesystem::path(file).filename().string().starts_with("datacenter.cfg"))
        return config::judge(text, file);
    const auto datacenter = config::read_datacenter(text);
    return {.errors = datacenter.wrong, .warnings = datacenter.unknown};
}

int run(Context& context, const Arguments& arguments) {
    const std::string file = arguments.get("file").value_or(context.paths.cluster_conf());
    const auto judgement = judge(file);
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
                "Checks a corosync.conf by the engine's own rules, for every node that it lists; or, if the file is "
                "called so, the settings of a datacenter.cfg that pvecm knows. Ends with 1 if it is wrong.",
            .positionals = {{.name = "file", .help = "The file, else that of the cluster.", .optional = true}},
            .options = {json_option()},
            .needs = Needs::nothing,
            .run = run};
}

}  // namespace pvecm::commands
