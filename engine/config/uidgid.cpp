#include "engine/config/uidgid.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <charconv>
#include <optional>
#include <vector>

#include "engine/config/grammar.hpp"

namespace engine::config {
namespace {

std::optional<std::uint32_t> number(const std::string& text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// getpwnam_r and getgrnam_r say with ERANGE that the buffer for their strings is too small.
template <class Entry, class Id>
std::optional<std::uint32_t> look_up(int (*by_name)(const char*, Entry*, char*, std::size_t, Entry**),
                                     const std::string& name, Id Entry::*id) {
    std::vector<char> strings(1024);
    for (;;) {
        Entry entry{};
        Entry* found = nullptr;
        const int error = by_name(name.c_str(), &entry, strings.data(), strings.size(), &found);
        if (error == ERANGE && strings.size() < (1U << 20U)) {
            strings.resize(strings.size() * 2);
            continue;
        }
        return found != nullptr ? std::optional<std::uint32_t>(entry.*id) : std::nullopt;
    }
}

std::uint32_t uid_of(const std::string& text) {
    if (const auto value = number(text)) return *value;
    if (const auto uid = look_up(getpwnam_r, text, &passwd::pw_uid)) return *uid;
    throw ValueError(fmt::format("The '{}' user is not found in /etc/passwd, please read the documentation.", text));
}

std::uint32_t gid_of(const std::string& text) {
    if (const auto value = number(text)) return *value;
    if (const auto gid = look_up(getgrnam_r, text, &group::gr_gid)) return *gid;
    throw ValueError(fmt::format("The '{}' group is not found in /etc/group, please read the documentation.", text));
}

}  // namespace

void uidgid_item(cmap::Map& map, const std::string& key, const std::string& value) {
    std::string name;
    if (key == "uid") {
        name = fmt::format("uidgid.config.uid.{}", uid_of(value));
    } else if (key == "gid") {
        name = fmt::format("uidgid.config.gid.{}", gid_of(value));
    } else {
        throw ValueError("uidgid: Only uid and gid are allowed items");
    }
    map.set(name, std::uint8_t{1});
}

}  // namespace engine::config
