#include "cfs/tree/modes.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include "cfs/tree/paths.hpp"

namespace cfs {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// vps.ACTION or NUMBER.ACTION: OpenVZ runs these.
bool is_action_script(std::string_view name) {
    static constexpr std::array<std::string_view, 6> kActions{"mount", "umount",   "start",
                                                              "stop",  "premount", "postumount"};
    const auto dot = name.find('.');
    if (dot == std::string_view::npos) return false;
    const std::string_view owner = name.substr(0, dot);
    const bool number = !owner.empty() && owner.front() != '0' && std::ranges::all_of(owner, is_digit);
    return (owner == "vps" || number) && std::ranges::find(kActions, name.substr(dot + 1)) != kActions.end();
}

// Below nodes/X/lxc.
bool is_container_file(std::string_view path) {
    return next_component(path) == "nodes" && next_component(path) && next_component(path) == "lxc" &&
           next_component(path);
}

mode_t base(NodeType type, std::string_view path, bool quorate) {
    if (type != NodeType::file) return quorate ? 0777 : 0555;
    const mode_t mode = quorate ? 0666 : 0444;
    return is_action_script(split_path(path).name) ? mode | 0100 : mode;
}

mode_t mask(NodeType type, std::string_view path, Era era) {
    if (is_private_path(path)) return 0700;
    if (type != NodeType::file) return 0755;
    return era == Era::p5 && is_container_file(path) ? 0755 : 0750;
}

}  // namespace

mode_t permissions(NodeType type, std::string_view path, bool quorate, Era era) {
    if (type == NodeType::directory && names_root(path)) return 0755;
    return base(type, path, quorate) & mask(type, path, era);
}

Attributes attributes(const Entry& entry, std::string_view path, bool quorate, Era era) {
    Attributes out;
    const NodeType type = entry.is_directory() ? NodeType::directory : NodeType::file;
    out.mode = permissions(type, path, quorate, era) | (entry.is_directory() ? S_IFDIR : S_IFREG);
    out.links = entry.is_directory() ? 2 : 1;
    out.size = entry.size;
    out.blocks = (out.size + 511) / 512;
    out.mtime = entry.is_root() ? 0 : entry.mtime;
    return out;
}

int check_chmod(std::string_view path, mode_t mode) {
    return (mode & 07777) == (is_private_path(path) ? 0600 : 0640) ? 0 : -EPERM;
}

int check_chown(uid_t uid, gid_t gid, gid_t www_data) {
    const bool user = uid == 0 || uid == static_cast<uid_t>(-1);
    const bool group = gid == www_data || gid == static_cast<gid_t>(-1);
    return user && group ? 0 : -EPERM;
}

}  // namespace cfs
