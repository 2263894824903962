#include "pvecm/host/context.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "pvecm/error.hpp"
#include "pvecm/host/addresses.hpp"
#include "pvecm/host/files.hpp"

namespace pvecm {

Context::Context(Paths given, const std::vector<Command>& all)
    : paths(std::move(given)), commands(all), node(short_host_name()), services_(find_services(paths)) {}

void Context::check_store() {
    if (!store_mounted(paths)) throw Error("pve configuration filesystem not mounted");
    try {
        cluster_ = StoreClient::cluster_info();
    } catch (const Error& error) {
        fmt::print(stderr, "{}\n", error.what());
    }
    own_address();
}

std::string Context::address_of(const std::string& name) const {
    if (cluster_) {
        const auto member = cluster_->members.find(name);
        if (member != cluster_->members.end() && !member->second.address.empty()) return member->second.address;
    }
    return resolve_node(name);
}

bool in_cluster(const Context& context) {
    return exists(context.paths.cluster_conf());
}

std::string read_cluster_text(const Paths& paths) {
    auto text = read_file(paths.cluster_conf());
    if (text) return std::move(*text);
    throw Error(
        fmt::format("Corosync config '{}' does not exist - is this node part of a cluster?", paths.cluster_conf()));
}

config::Section read_cluster_conf(const Paths& paths) {
    return config::parse(read_cluster_text(paths), paths.cluster_conf());
}

void put_cluster_text(const Paths& paths, const std::string& text) {
    const std::string target = paths.cluster_conf(), staged = target + ".new";
    write_file(staged, text);
    if (std::rename(staged.c_str(), target.c_str()) != 0)
        throw Error(fmt::format("activating corosync.conf.new failed - {}", std::strerror(errno)), errno);
}

void write_cluster_conf(const Paths& paths, config::Section conf) {
    config::raise_version(conf);
    put_cluster_text(paths, config::write(conf));
}

}  // namespace pvecm
