// Making and removing laboratories; what nodes are and how programs get into them.
#include "conformance/lab/lab.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstdlib>

#include "conformance/lab/change.hpp"

namespace lab {

namespace fs = std::filesystem;

namespace {

constexpr milliseconds removal_limit{10000};

fs::path node_path(const fs::path& directory, unsigned node) {
    return directory / "nodes" / std::to_string(node);
}

void kill_host(const ProcessId& init) {
    if (!init.signal(SIGKILL)) return;
    if (!wait_for_end(init, removal_limit)) {
        throw LabError(fmt::format("process {} (init of a host) does not end", init.pid));
    }
    ::waitpid(init.pid, nullptr, WNOHANG);  // ours to collect only if we made it
}

void remove_everything(const Manifest& manifest) {
    if (manifest.capture.signal(SIGINT)) wait_for_end(manifest.capture, removal_limit);
    for (const auto& node : manifest.nodes) {
        kill_host(node.init);
    }
    kill_host(manifest.hub);
    fs::remove_all(directory_of(manifest.name));
}

std::string unique_name() {
    static unsigned counter = 0;
    return fmt::format("lab-{}-{}", ::getpid(), ++counter);
}

}  // namespace

Lab Lab::create(const Plan& given) {
    Plan plan = given;
    if (plan.name.empty()) plan.name = unique_name();
    if (const char* keys = std::getenv("TOTEM_LAB_TOTEM")) add_totem_keys(plan, keys);
    if (plan.nodes.empty() || plan.nodes.size() > most_nodes) {
        throw LabError(fmt::format("a laboratory has 1 to {} nodes, not {}", most_nodes, plan.nodes.size()));
    }
    const auto directory = directory_of(plan.name);
    if (const auto old = load(plan.name)) {
        if (old->in_use()) {
            throw LabError(
                fmt::format("there is a laboratory '{0}' already; 'totem-lab down {0}' removes it", plan.name));
        }
        remove_everything(*old);
    }
    fs::remove_all(directory);

    Manifest manifest;
    manifest.name = plan.name;
    manifest.persistent = plan.persistent;
    manifest.creator = identify(::getpid());
    manifest.transport = plan.transport;
    manifest.family = plan.family;
    manifest.rings = plan.rings;
    manifest.real_time = plan.real_time;
    Lab lab(std::move(manifest), true);
    try {
        lab.build(plan);
    } catch (...) {
        remove_everything(lab.manifest_);
        lab.owner_ = false;
        throw;
    }
    lab.owner_ = !plan.persistent;
    return lab;
}

void Lab::build(const Plan& plan) {
    const auto text = make_configuration(plan);
    fs::create_directories(directory());
    save(manifest_);
    for (unsigned node = 1; node <= plan.nodes.size(); ++node) {
        NodeRecord record;
        record.kind = plan.nodes[node - 1];
        if (const auto program = find_daemon(record.kind)) record.program = *program;
        const auto own = node_path(directory(), node);
        for (const auto* part : {"etc/uidgid.d", "state", "log"}) {
            fs::create_directories(own / part);
        }
        write_file(own / "etc/corosync.conf", text);
        record.init = start_host({.hostname = node_name(node),
                                  .mounts = {{{}, "/run"},
                                             {{}, "/dev/shm"},
                                             {own, own},
                                             {own / "etc", "/etc/corosync"},
                                             {own / "state", "/var/lib/corosync"},
                                             {own / "log", "/var/log"}},
                                  .exits_file = own / "exits",
                                  .die_with_creator = !plan.persistent});
        manifest_.nodes.push_back(record);
        save(manifest_);
    }
    manifest_.hub = start_host(
        {.hostname = "hub", .mounts = {}, .exits_file = directory() / "exits", .die_with_creator = !plan.persistent});
    save(manifest_);
    std::vector<ProcessId> hosts;
    for (const auto& node : manifest_.nodes) {
        hosts.push_back(node.init);
    }
    build_networks(manifest_.hub, hosts, manifest_.rings);
}

Lab Lab::open(const std::string& name) {
    auto manifest = load(name);
    if (!manifest) throw LabError(fmt::format("there is no laboratory '{}'; 'totem-lab up' makes one", name));
    if (!manifest->in_use()) {
        throw LabError(fmt::format("laboratory '{0}' is dead; 'totem-lab down {0}' clears away what is left", name));
    }
    return Lab(std::move(*manifest), false);
}

std::vector<std::string> Lab::list() {
    std::vector<std::string> names;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(base_directory(), none)) {
        if (entry.is_directory()) names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
}

bool Lab::destroy(const std::string& name) {
    const auto manifest = load(name);
    if (manifest) remove_everything(*manifest);
    return fs::remove_all(directory_of(name)) > 0 || manifest;
}

std::vector<std::string> Lab::sweep() {
    std::vector<std::string> removed;
    for (const auto& name : list()) {
        const auto manifest = load(name);
        if (manifest && manifest->in_use()) continue;
        destroy(name);
        removed.push_back(name);
    }
    return removed;
}

Lab::~Lab() {
    if (!owner_ || manifest_.name.empty()) return;
    try {
        remove_everything(manifest_);
    } catch (const std::exception& error) {
        fmt::print(stderr, "cannot take laboratory {} down: {}\n", manifest_.name, error.what());
    }
}

Nodes Lab::all() const {
    Nodes nodes;
    for (unsigned node = 1; node <= size(); ++node) {
        nodes.push_back(node);
    }
    return nodes;
}

const NodeRecord& Lab::record(unsigned node) const {
    if (node < 1 || node > size()) throw LabError(fmt::format("there is no node {}: they are 1 to {}", node, size()));
    return manifest_.nodes[node - 1];
}

NodeRecord& Lab::record(unsigned node) {
    return const_cast<NodeRecord&>(std::as_const(*this).record(node));
}

HostEntry Lab::entry(unsigned node) const {
    return HostEntry(record(node).init);
}

fs::path Lab::node_directory(unsigned node) const {
    record(node);
    return node_path(directory(), node);
}

Log Lab::log(unsigned node) const {
    return Log(node_directory(node) / "daemon.log");
}

Process Lab::spawn(unsigned node, const Arguments& command, const Process::Streams& streams) const {
    return Process(entry(node), Inside::host, command, streams);
}

Finished Lab::run(unsigned node, const Arguments& command, milliseconds limit) const {
    return run_in(entry(node), Inside::host, command, limit);
}

}  // namespace lab
