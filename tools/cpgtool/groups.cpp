#include "tools/cpgtool/groups.hpp"

#include <fmt/format.h>

#include "tools/common/program.hpp"

namespace tools::cpgtool {
namespace {

std::string shown(const std::string& group, const Options& options) {
    return options.escape ? escape(group.data(), group.size()) : group;
}

std::string names(const std::vector<Member>& members, const Options& options) {
    std::string text;
    for (const Member& member : members)
        text += shown(member.group, options) + options.delimiter.value_or('\n');
    if (options.delimiter) text += '\n';
    return text;
}

std::string table(const std::vector<Member>& members, const Options& options) {
    std::string text = fmt::format("Group Name\t{:>10}\t{:>10}\n", "PID", "Node ID");
    const std::string* group = nullptr;
    for (const Member& member : members) {
        if (group == nullptr || *group != member.group) text += shown(member.group, options) + "\n";
        group = &member.group;
        text += fmt::format("\t\t{:>10}\t{:>10} (", member.pid, member.nodeid);
        text += fmt::format("{})\n", fmt::join(member.addresses, " "));
    }
    return text;
}

}  // namespace

std::string text_of(const std::vector<Member>& members, const Options& options) {
    if (options.names_only) return names(members, options);
    if (!options.delimiter) return table(members, options);
    const char d = *options.delimiter;
    std::string text = fmt::format("GRP_NAME{}PID{}NODEID\n", d, d);
    for (const Member& member : members) {
        text += shown(member.group, options) + fmt::format("{}{}{}{}\n", d, member.pid, d, member.nodeid);
    }
    return text;
}

nlohmann::json json_of(const std::vector<Member>& members, const Options& options) {
    nlohmann::json groups = nlohmann::json::array();
    const std::string* group = nullptr;
    for (const Member& member : members) {
        if (group == nullptr || *group != member.group) {
            groups.push_back({{"name", shown(member.group, options)}});
            if (!options.names_only) groups.back()["members"] = nlohmann::json::array();
        }
        group = &member.group;
        if (options.names_only) continue;
        groups.back()["members"].push_back(
            {{"pid", member.pid}, {"nodeid", member.nodeid}, {"addresses", member.addresses}});
    }
    return {{"groups", groups}};
}

}  // namespace tools::cpgtool
