#include "cfs/ipc/guest_properties.hpp"

#include <fmt/format.h>

#include <map>

namespace cfs::ipc {

namespace {

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

// Takes the line off, with its end.
std::string_view take_line(std::string_view& rest) {
    const auto end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return line;
}

// pmxcfs escapes backslash and quote only, and what it makes of control characters no JSON parser takes.
void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
            continue;
        }
        if (c == '\\' || c == '"') out += '\\';
        out += c;
    }
    out += '"';
}

// The configuration of a registered guest; null should the tree have none.
const Entry* configuration(const Tree& tree, std::uint32_t id, const Guest& guest) {
    return tree.find(fmt::format("nodes/{}/{}/{}.conf", guest.node, folder(guest.kind), id));
}

void append_guest(std::string& out, std::uint32_t id, const Entry& config, std::span<const std::string_view> names) {
    const Bytes data = config.data();
    const auto values = find_properties({reinterpret_cast<const char*>(data.data()), data.size()}, names);
    bool first = true;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (values[i].empty()) continue;
        if (first) {
            out += out.ends_with('}') ? ",\n" : "";
            out += fmt::format("\"{}\":{{", id);
        } else {
            out += ',';
        }
        first = false;
        append_quoted(out, names[i]);
        out += ": ";
        append_quoted(out, values[i]);
    }
    if (!first) out += '}';
}

}  // namespace

std::vector<std::string_view> find_properties(std::string_view config, std::span<const std::string_view> names) {
    std::vector<std::string_view> values(names.size());
    std::map<std::string_view, std::size_t> open;  // what is not found yet
    for (std::size_t i = 0; i < names.size(); ++i)
        open.try_emplace(names[i], i);
    while (!config.empty() && !open.empty()) {
        const std::string_view line = take_line(config);
        if (line.starts_with('[')) break;
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const auto wanted = open.find(line.substr(0, colon));
        if (wanted == open.end()) continue;
        values[wanted->second] = trimmed(line.substr(colon + 1));
        open.erase(wanted);
    }
    return values;
}

std::optional<std::string> guest_properties(const Tree& tree, std::uint32_t guest,
                                            std::span<const std::string_view> names) {
    const auto& guests = tree.guests().all();
    const auto only = guests.find(guest);
    if (guest != 0 && only == guests.end()) return std::nullopt;
    std::string out = "{\n";
    for (auto it = guest != 0 ? only : guests.begin(); it != guests.end(); ++it) {
        if (const Entry* config = configuration(tree, it->first, it->second))
            append_guest(out, it->first, *config, names);
        if (guest != 0) break;
    }
    return out + "\n}\n";
}

}  // namespace cfs::ipc
