// pvecm status. Spec pvecm.md section 9.1.
#include <fmt/format.h>

#include <ctime>

#include "pvecm/commands/all.hpp"
#include "pvecm/commands/options.hpp"
#include "pvecm/commands/quorum_view.hpp"
#include "pvecm/config/cluster.hpp"
#include "tools/common/program.hpp"
#include "tools/quorumtool/text.hpp"

namespace pvecm::commands {
namespace {

// What pve-cluster 9 says before the rest.
std::string cluster_text(const config::Section& conf) {
    const config::Section* const totem = conf.find("totem");
    if (totem == nullptr || config::form_of(conf) != config::Form::p9) return {};
    const auto line = [totem](const char* label, const char* key, const char* otherwise) {
        return fmt::format("{:<17} {}\n", label, totem->get(key).value_or(otherwise));
    };
    return "Cluster information\n-------------------\n" + line("Name:", "cluster_name", "UNKOWN?") +
           line("Config Version:", "config_version", "-1") + line("Transport:", "transport", "knet") +
           line("Secure auth:", "secauth", "off") + "\n";
}

int run(Context& context, const Arguments& arguments) {
    warn_without_cluster(context);
    tools::quorumtool::Settings settings;
    settings.hexadecimal = true;
    settings.addresses = true;
    const bool json = arguments.flag("json");
    if (!json && in_cluster(context)) fmt::print("{}", cluster_text(read_cluster_conf(context.paths)));
    const auto picture = look(settings);
    if (!picture) return kQuorumFailed;
    warn_of_keys(context, *picture);
    const std::time_t now = std::time(nullptr);
    if (json) {
        tools::print_json(json_of(*picture, now));
    } else {
        fmt::print("{}", status_text(*picture, settings, now));
    }
    return picture->quorate ? 0 : kNotQuorate;
}

}  // namespace

Command status() {
    return {.name = "status",
            .help = "Displays the local view of the cluster status. Ends with 2 if the cluster is not quorate.",
            .options = {json_option()},
            .run = run};
}

}  // namespace pvecm::commands
