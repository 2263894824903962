#include "cfs/tree/guests.hpp"

#include <algorithm>
#include <charconv>

#include "cfs/tree/paths.hpp"

namespace cfs {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter_or_digit(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The text up to the next slash; takes both off.
std::string_view take(std::string_view& rest) {
    const auto slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
    return part;
}

}  // namespace

std::string_view text(GuestKind kind) {
    switch (kind) {
        case GuestKind::qemu:
            return "qemu";
        case GuestKind::openvz:
            return "openvz";
        case GuestKind::lxc:
            return "lxc";
    }
    return "";
}

std::string_view folder(GuestKind kind) {
    return kind == GuestKind::qemu ? "qemu-server" : text(kind);
}

std::optional<GuestKind> guest_folder(std::string_view name) {
    for (const GuestKind kind : {GuestKind::qemu, GuestKind::openvz, GuestKind::lxc}) {
        if (name == folder(kind)) return kind;
    }
    return std::nullopt;
}

bool is_guest_folder(std::string_view path) {
    return next_component(path) == "nodes" && is_node_name(next_component(path).value_or("")) &&
           guest_folder(next_component(path).value_or("")) && !next_component(path);
}

bool is_node_name(std::string_view name) {
    return !name.empty() && name.front() != '-' && name.back() != '-' &&
           std::ranges::all_of(name, [](char c) { return c == '-' || is_letter_or_digit(c); });
}

std::optional<std::uint32_t> guest_file_id(std::string_view name) {
    static constexpr std::string_view kSuffix = ".conf";
    if (!name.ends_with(kSuffix)) return std::nullopt;
    name.remove_suffix(kSuffix.size());
    if (name.empty() || name.front() == '0' || !std::ranges::all_of(name, is_digit)) return std::nullopt;
    std::uint32_t id = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
    if (error != std::errc()) return std::nullopt;
    return id;
}

std::optional<GuestPath> guest_path(std::string_view path) {
    if (std::ranges::count(path, '/') != 3 || take(path) != "nodes") return std::nullopt;
    const std::string_view node = take(path);
    const auto kind = guest_folder(take(path));
    const auto id = guest_file_id(path);
    if (!is_node_name(node) || !kind || !id) return std::nullopt;
    return GuestPath{*id, *kind, node};
}

bool Guests::taken_by_another(const GuestPath& path) const {
    const auto found = guests_.find(path.id);
    return found != guests_.end() && (found->second.kind != path.kind || found->second.node != path.node);
}

void Guests::set(const GuestPath& path) {
    guests_[path.id] = Guest{path.kind, std::string(path.node), ++registrations_};
    ++version_;
}

void Guests::remove(std::uint32_t id) {
    guests_.erase(id);
    ++version_;
}

void Guests::start_anew() {
    guests_.clear();
    ++version_;
}

bool Guests::add(const GuestPath& path) {
    return guests_.try_emplace(path.id, Guest{path.kind, std::string(path.node), ++registrations_}).second;
}

}  // namespace cfs
