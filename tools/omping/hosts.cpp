#include "tools/omping/hosts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tools::omping {
namespace {

constexpr char kDefaultIpv4[] = "232.43.211.234", kDefaultIpv6[] = "ff3e::4321:1234";

int version_of(const Address& address) {
    return address.is_v4() ? 4 : 6;
}

std::optional<Address> address_of(const Argument& argument, int version) {
    const auto found = std::ranges::find(argument.addresses, version, version_of);
    return found == argument.addresses.end() ? std::nullopt : std::optional(*found);
}

// The only version there is, else 0.
int only_version(const Argument& argument) {
    const int version = version_of(argument.addresses.front());
    return address_of(argument, version == 4 ? 6 : 4) ? 0 : version;
}

int other(int version) {
    return version == 4 ? 6 : 4;
}

// 4, 6, or 0 if both would do.
int choose_version(const Options& options, const std::vector<Argument>& hosts, const std::optional<Argument>& group) {
    int version = options.method == Method::broadcast ? 4 : options.ip_version;
    if (version == 0 && group) version = only_version(*group);
    for (const Argument& host : hosts) {
        const int only = only_version(host);
        if (only == 0 || only == version) continue;
        if (version == 0) {
            version = only;
        } else if (options.ip_version == 0 && group && only_version(*group) == version) {
            throw Failure(
                fmt::format("Multicast address is ipv{} but host {} supports only ipv{}", version, host.text, only));
        } else {
            throw Failure(fmt::format("Host {} doesn't support IP version {}", host.text, version));
        }
    }
    return version;
}

void check_unicast(const Argument& host) {
    for (const Address& address : host.addresses) {
        if (address.is_loopback()) {
            throw Failure(fmt::format("Address {} looks like loopback. Loopback ping is not supported", host.text));
        }
        if (address.is_multicast()) {
            throw Failure(
                fmt::format("Address {} looks like multicast. To set multicast address use -m parameter", host.text));
        }
    }
}

struct Local {
    const Interface* interface = nullptr;
    std::size_t host = 0;
};

std::optional<Local> find_local(const Options& options, const std::vector<Argument>& hosts, int version,
                                const std::vector<Interface>& interfaces) {
    std::optional<Local> found;
    for (const Interface& interface : interfaces) {
        const bool able = options.method == Method::broadcast ? interface.broadcast : interface.multicast;
        if (!interface.up || interface.loopback || !able || version_of(interface.address) != version) continue;
        for (std::size_t host = 0; host < hosts.size(); ++host) {
            const bool matches = std::ranges::any_of(
                hosts[host].addresses, [&](const Address& each) { return same_host(each, interface.address); });
            if (!matches) continue;
            if (found && (found->interface != &interface ||
                          !same_host(*address_of(hosts[host], version), *address_of(hosts[found->host], version)))) {
                throw Failure(fmt::format("Multiple local interfaces ({} and {}) match parameters.",
                                          found->interface->name, interface.name));
            }
            if (!found) found = Local{&interface, host};
        }
    }
    return found;
}

// Why the one address that is ours was no candidate, where that is the reason.
void explain_missing(const Options& options, const std::vector<Argument>& hosts,
                     const std::vector<Interface>& interfaces) {
    if (options.method != Method::broadcast) return;
    for (const Interface& interface : interfaces) {
        for (const Argument& host : hosts) {
            const bool ours = std::ranges::any_of(
                host.addresses, [&](const Address& each) { return same_host(each, interface.address); });
            if (ours && interface.up && !interface.broadcast) {
                throw Failure("selected local interface isn't broadcast aware");
            }
        }
    }
}

Address choose_group(const Options& options, const std::optional<Argument>& given, const Interface& local) {
    const int version = version_of(local.address);
    if (options.method == Method::broadcast) {
        if (!local.broadcast_address) {
            throw Failure(fmt::format("interface {} has no broadcast address", local.name));
        }
        if (given && !std::ranges::any_of(given->addresses, [&](const Address& each) {
                return same_host(each, *local.broadcast_address);
            })) {
            throw usage_failure("illegal broadcast address, -M argument doesn't match with local broadcast address");
        }
        return *local.broadcast_address;
    }
    if (!given) return boost::asio::ip::make_address(version == 4 ? kDefaultIpv4 : kDefaultIpv6);
    const auto group = address_of(*given, version);
    if (!group) {
        throw Failure(fmt::format("Multicast address is ipv{} but host {} supports only ipv{}", other(version),
                                  local.address.to_string(), version));
    }
    if (!group->is_multicast()) {
        throw Failure(fmt::format("Given address {} is not valid multicast address", given->text));
    }
    return *group;
}

}  // namespace

Selection select_hosts(const Options& options, const std::vector<Argument>& hosts, const std::optional<Argument>& group,
                       const std::vector<Interface>& interfaces) {
    std::ranges::for_each(hosts, check_unicast);
    int version = choose_version(options, hosts, group);
    std::optional<Local> local;
    if (version != 0) {
        local = find_local(options, hosts, version, interfaces);
    } else {
        version = 6;
        local = find_local(options, hosts, version, interfaces);
        if (!local) local = find_local(options, hosts, version = 4, interfaces);
    }
    if (!local) {
        explain_missing(options, hosts, interfaces);
        throw Failure("Can't find local address in arguments");
    }
    Selection out;
    out.local = *local->interface;
    out.local_name = hosts[local->host].text;
    for (const Argument& host : hosts) {
        const Address address = *address_of(host, version);
        const auto is_this = [&](const Remote& remote) { return same_host(remote.address, address); };
        if (same_host(address, *address_of(hosts[local->host], version))) {
            if (&host == &hosts[local->host]) out.position = out.remotes.size();
        } else if (std::ranges::none_of(out.remotes, is_this)) {
            out.remotes.push_back({host.text, address});
        }
    }
    out.single = out.remotes.empty();
    if (out.single) out.remotes.push_back({out.local_name, out.local.address});
    out.group = choose_group(options, group, out.local);
    return out;
}

}  // namespace tools::omping
