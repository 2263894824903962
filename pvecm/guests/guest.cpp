#include "pvecm/guests/guest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <filesystem>
#include <sstream>
#include <tuple>

#include "pvecm/cli/formats.hpp"
#include "pvecm/config/key_values.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/files.hpp"

namespace pvecm::guests {
namespace {

namespace fs = std::filesystem;

// Up to the first snapshot.
std::string_view current(std::string_view text) {
    return text.starts_with('[') ? std::string_view() : text.substr(0, text.find("\n["));
}

void read_startup(const std::string& value, Guest& guest, std::vector<std::string>& warnings) {
    const auto wrong = [&](const std::string& why) {
        warnings.push_back(fmt::format("guest {}: startup '{}' is ignored: {}", guest.id, value, why));
        guest.order = guest.up = guest.down = std::nullopt;
    };
    try {
        for (const auto& [key, text] : parse_properties(value, "order")) {
            const auto number = parse_integer(text);
            if (!number || *number < 0) return wrong(fmt::format("'{}' is not a number", text));
            if (key == "order") guest.order = number;
            if (key == "up") guest.up = number;
            if (key == "down") guest.down = number;
        }
    } catch (const Error& error) {
        wrong(error.what());
    }
}

}  // namespace

const char* folder_of(Kind kind) {
    return kind == Kind::machine ? "qemu-server" : "lxc";
}

const char* short_name(Kind kind) {
    return kind == Kind::machine ? "VM" : "CT";
}

std::string Guest::file(const Paths& paths, const std::string& on_node) const {
    return fmt::format("{}/{}/{}.conf", paths.node_folder(on_node), folder_of(kind), id);
}

Guest parse_guest(std::string_view text, long id, Kind kind, std::vector<std::string>& warnings) {
    Guest guest{.id = id, .kind = kind, .node = {}, .lock = {}, .order = {}, .up = {}, .down = {}};
    for (const auto& [key, value] : config::key_values(current(text)).settings) {
        if (key == "onboot") guest.onboot = config::is_on(value);
        if (key == "template") guest.is_template = config::is_on(value);
        if (key == "lock") guest.lock = value;
        if (key == "startup") read_startup(value, guest, warnings);
    }
    return guest;
}

std::vector<Guest> guests_on(const Paths& paths, const std::string& node, std::vector<std::string>& warnings) {
    std::vector<Guest> guests;
    for (const Kind kind : {Kind::machine, Kind::container}) {
        std::error_code none;
        for (const auto& entry :
             fs::directory_iterator(fmt::format("{}/{}", paths.node_folder(node), folder_of(kind)), none)) {
            const auto id = parse_integer(entry.path().stem());
            if (!id || entry.path().extension() != ".conf") continue;
            guests.push_back(parse_guest(read_file(entry.path()).value_or(""), *id, kind, warnings));
            guests.back().node = node;
        }
    }
    std::sort(guests.begin(), guests.end(),
              [](const Guest& a, const Guest& b) { return std::tie(a.kind, a.id) < std::tie(b.kind, b.id); });
    return guests;
}

std::string without_lock(std::string_view text) {
    std::istringstream lines{std::string(text)};
    std::string result;
    bool in_snapshot = false;
    for (std::string line; std::getline(lines, line);) {
        in_snapshot = in_snapshot || line.starts_with('[');
        if (in_snapshot || !line.starts_with("lock:")) result += line + "\n";
    }
    return result;
}

std::vector<long> managed_ids(std::string_view resources_cfg) {
    std::vector<long> ids;
    for (const auto& [key, value] : config::key_values(resources_cfg).settings) {
        const auto id = parse_integer(value);
        if ((key == "vm" || key == "ct") && id) ids.push_back(*id);
    }
    return ids;
}

std::vector<Guest> start_order(std::vector<Guest> guests, const std::vector<long>& managed, bool all) {
    std::erase_if(guests, [&](const Guest& guest) {
        return guest.is_template || (!guest.onboot && !all) ||
               std::find(managed.begin(), managed.end(), guest.id) != managed.end();
    });
    const auto key = [](const Guest& guest) { return std::pair(guest.order.value_or(LONG_MAX), guest.id); };
    std::sort(guests.begin(), guests.end(), [&](const Guest& a, const Guest& b) { return key(a) < key(b); });
    return guests;
}

std::vector<Guest> stop_order(std::vector<Guest> guests, const std::vector<long>& managed) {
    guests = start_order(std::move(guests), managed, true);
    std::reverse(guests.begin(), guests.end());
    return guests;
}

}  // namespace pvecm::guests
