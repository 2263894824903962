#include "cfs/views/views.hpp"

#include <fmt/format.h>

namespace cfs::views {
namespace {

constexpr std::string_view kSeparator = ",\n";

void separate(std::string& list) {
    if (!list.empty()) list += kSeparator;
}

std::string node_block(const NodeVersions& node) {
    std::string keys;
    for (const auto& [key, version] : node.keys) {
        separate(keys);
        keys += fmt::format("\"{}\": {}", key, version);
    }
    return fmt::format("\"{}\": {{\n{}}}\n", node.node, keys);
}

std::string member_line(const Member& member) {
    std::string line =
        fmt::format("  \"{}\": {{ \"id\": {}, \"online\": {}", member.name, member.id, member.online ? 1 : 0);
    if (member.address) line += fmt::format(", \"ip\": \"{}\"", *member.address);
    return line + '}';
}

}  // namespace

std::string version(const Versions& versions) {
    std::string text = fmt::format("{{\n\"starttime\": {},\n\"clinfo\": {},\n\"vmlist\": {},\n", versions.start_time,
                                   versions.cluster, versions.guests);
    for (const TrackedFiles::File& file : versions.files)
        text += fmt::format("\"{}\": {},\n", file.path, file.changes);
    std::string nodes;
    for (const NodeVersions& node : versions.nodes) {
        separate(nodes);
        nodes += node_block(node);
    }
    return text + "\"kvstore\": {\n" + nodes + "}\n}\n";
}

std::string members(std::string_view node, std::uint64_t version, const std::optional<Cluster>& cluster) {
    const std::string head = fmt::format("{{\n\"nodename\": \"{}\",\n\"version\": {}", node, version);
    if (!cluster) return head + "\n}\n";
    std::string lines;
    for (const Member& member : cluster->members) {
        separate(lines);
        lines += member_line(member);
    }
    return fmt::format(
        "{},\n\"cluster\": {{ \"name\": \"{}\", \"version\": {}, \"nodes\": {}, \"quorate\": {} }},\n"
        "\"nodelist\": {{\n{}\n  }}\n}}\n",
        head, cluster->name, cluster->version, cluster->members.size(), cluster->quorate ? 1 : 0, lines);
}

std::string guests(const Guests& guests) {
    std::string text = fmt::format("{{\n\"version\": {}", guests.version());
    if (guests.all().empty()) return text + "\n\n}\n";
    std::string list;
    for (const auto& [id, guest] : guests.all()) {
        separate(list);
        list += fmt::format("\"{}\": {{ \"node\": \"{}\", \"type\": \"{}\", \"version\": {} }}", id, guest.node,
                            cfs::text(guest.kind), guest.version);
    }
    return text + ",\n\"ids\": {\n" + list + "}\n\n}\n";
}

}  // namespace cfs::views
