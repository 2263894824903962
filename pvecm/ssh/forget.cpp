#include "pvecm/ssh/forget.hpp"

#include <algorithm>
#include <optional>
#include <sstream>
#include <string_view>

#include "pvecm/host/files.hpp"

namespace pvecm::ssh {
namespace {

using Hosts = std::vector<Host>;

bool is_one_of(const std::string& name, const Hosts& hosts) {
    return std::any_of(hosts.begin(), hosts.end(), [&](const Host& host) {
        return name == host.name ||
               std::find(host.addresses.begin(), host.addresses.end(), name) != host.addresses.end();
    });
}

template <class Predicate>
std::string without_lines(const std::string& text, Predicate drop) {
    std::istringstream lines(text);
    std::string kept;
    for (std::string line; std::getline(lines, line);) {
        if (!drop(line)) kept += line + "\n";
    }
    return kept;
}

void replace(const std::string& file, const std::optional<std::string>& before, const std::string& after) {
    if (before && *before != after) write_file(file, after, 0600);
}

}  // namespace

std::string without_keys_of(const std::string& lines, const Hosts& hosts) {
    return without_lines(lines, [&](const std::string& line) {
        constexpr std::string_view kRoot = " root@";
        const auto at = line.rfind(kRoot);
        if (at == std::string::npos) return false;
        const std::string host = line.substr(at + kRoot.size());
        // Some hosts are called by their whole name.
        return is_one_of(host, hosts) || is_one_of(host.substr(0, host.find('.')), hosts);
    });
}

std::string without_hosts(const std::string& lines, const Hosts& hosts) {
    return without_lines(lines, [&](const std::string& line) {
        std::istringstream names(line.substr(0, line.find(' ')));
        for (std::string name; std::getline(names, name, ',');) {
            if (is_one_of(name, hosts)) return true;
        }
        return false;
    });
}

void forget(const Paths& paths, const Hosts& hosts) {
    const std::string keys = paths.pve("priv/authorized_keys"), known = paths.pve("priv/known_hosts");
    const auto old_keys = read_file(keys), old_known = read_file(known);
    replace(keys, old_keys, without_keys_of(old_keys.value_or(""), hosts));
    replace(known, old_known, without_hosts(old_known.value_or(""), hosts));
}

}  // namespace pvecm::ssh
