// pvecm config edit: the cluster's corosync.conf in an editor, checked before it counts.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <iostream>

#include "pvecm/commands/all.hpp"
#include "pvecm/commands/change_view.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/files.hpp"
#include "pvecm/host/process.hpp"
#include "pvecm/host/temporary_file.hpp"

namespace pvecm::commands {
namespace {

Words editor() {
    const char* const set = std::getenv("EDITOR");
    const Words words = split(set != nullptr ? set : "");
    return words.empty() ? Words{"editor"} : words;  // Debian's choice
}

bool agreed() {
    fmt::print("Apply this? [y/N] ");
    std::fflush(stdout);
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "yes";
}

int apply_edited(const Context& context, const std::string& file, const Arguments& arguments) {
    const auto plan = plan_for(context, read_given(file), file);
    if (plan.changes() && !arguments.flag("yes")) {
        fmt::print("{}", text_of(plan));
        if (!agreed()) throw Error("not applied");
    }
    return apply_plan(context, plan, arguments);
}

int run(Context& context, const Arguments& arguments) {
    require_quorum(context.paths);
    const std::string before = read_cluster_text(context.paths);
    TemporaryFile copy("corosync.conf", before);
    Words command = editor();
    command.push_back(copy.path());
    if (const int status = pvecm::run(command); status != 0)
        throw Error(fmt::format("'{}' ended with {}: nothing is changed", joined(command), status));
    if (read_given(copy.path()) == before) {
        fmt::print("nothing is different\n");
        return 0;
    }
    try {
        const int status = apply_edited(context, copy.path(), arguments);
        if (status != 0) copy.keep();
        return status;
    } catch (const Error& error) {
        copy.keep();
        throw Error(fmt::format("{}\nWhat you have written is in '{}': 'pvecm config apply' takes it.", error.what(),
                                copy.path()));
    }
}

std::vector<Option> options() {
    std::vector<Option> options = apply_options();
    options.push_back({.name = "yes", .type = Type::boolean, .help = "Do not ask before it is applied."});
    return options;
}

}  // namespace

Command config_edit() {
    return {.name = "config edit",
            .group = Group::addition,
            .help =
                "Opens a copy of the cluster's corosync.conf in $EDITOR, shows what the changes would do, and applies "
                "them as 'config apply' does.",
            .options = options(),
            .run = run};
}

}  // namespace pvecm::commands
