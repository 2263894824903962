#include "cfs/tree/paths.hpp"

namespace cfs {

namespace {

std::string_view without_trailing_slashes(std::string_view path) {
    while (path.ends_with('/'))
        path.remove_suffix(1);
    return path;
}

}  // namespace

std::optional<std::string_view> next_component(std::string_view& rest) {
    while (rest.starts_with('/'))
        rest.remove_prefix(1);
    if (rest.empty()) return std::nullopt;
    const std::string_view component = rest.substr(0, rest.find('/'));
    rest.remove_prefix(component.size());
    return component;
}

bool names_root(std::string_view path) {
    return path == "." || without_trailing_slashes(path).empty();
}

SplitPath split_path(std::string_view path) {
    path = without_trailing_slashes(path);
    const auto slash = path.rfind('/');
    if (slash == std::string_view::npos) return {".", path};
    const std::string_view directory = without_trailing_slashes(path.substr(0, slash));
    return {directory.empty() ? "/" : directory, path.substr(slash + 1)};
}

bool allowed_name(std::string_view name) {
    return !name.empty() && name != "." && name != "..";
}

bool is_lock_path(std::string_view path) {
    return path.starts_with(kLockDirectory) && path.size() > kLockDirectory.size() + 1 &&
           path[kLockDirectory.size()] == '/';
}

bool is_in_lock_directory(std::string_view path) {
    return split_path(path).directory == kLockDirectory;
}

bool is_private_path(std::string_view path) {
    const auto first = next_component(path);
    if (first == "priv") return true;
    return first == "nodes" && next_component(path) && next_component(path) == "priv";
}

}  // namespace cfs
