#include "conformance/store/store_nodes.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>

namespace lab {

namespace fs = std::filesystem;

StoreNodes::~StoreNodes() {
    for (auto& [node, daemon] : daemons_)
        daemon.end();
}

// --- daemons ----------------------------------------------------------------------------------------------------

void StoreNodes::prepare(unsigned node) const {
    for (const char* folder : {"var/lib", "run", "etc"})
        fs::create_directories(root(node) / folder);
    // What the store exports is what the node's engine reads.
    if (!fs::is_symlink(root(node) / "etc/corosync"))
        fs::create_directory_symlink(lab_.node_directory(node) / "etc", root(node) / "etc/corosync");
    if (kind(node) != StoreKind::cfsd) {
        for (const fs::path& folder : {database(node).parent_path(), root(node) / "rrd", fs::path(real_mount),
                                       fs::path(real_database), fs::path(real_rrd)})
            fs::create_directories(folder);
    }
    std::string hosts = "127.0.0.1 localhost\n";
    for (const auto each : lab_.all())
        hosts += fmt::format("{} {}\n", node_address(each, Family::ipv4), node_name(each));
    write_file(root(node) / "hosts", hosts);
}

StoreKind StoreNodes::kind(unsigned node) const {
    const auto found = kinds_.find(node);
    return found == kinds_.end() ? StoreKind::cfsd : found->second;
}

std::string StoreNodes::command(unsigned node) const {
    const auto program = find_store(kind(node));
    if (!program) throw LabError(fmt::format("node {}: {}", node, missing_store(kind(node))));
    const auto folder = root(node).string();
    const auto bind = [&](const char* from, const char* to) {
        return fmt::format("mountpoint -q {2} || mount --bind {0}/{1} {2}; ", folder, from, to);
    };
    const auto further = environment_.find(node);
    const std::string environment = further == environment_.end() ? "" : further->second + " ";
    std::string text = bind("hosts", "/etc/hosts");
    if (kind(node) != StoreKind::cfsd) {
        text += bind("var/lib/pve-cluster", real_database) + bind("rrd", real_rrd);
        return text + fmt::format("{}exec {} -f", environment, program->string());
    }
    text += fmt::format("{}CFSD_ROOT={} exec {} -f", environment, folder, program->string());
    for (const auto& option : options_)
        text += " " + option;
    return text;
}

void StoreNodes::start(unsigned node, const Arguments& further) {
    prepare(node);
    const auto log = open_file(root(node) / "log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC);
    const Process::Streams streams{.out = log.get(), .err = log.get()};
    std::string text = command(node);
    for (const auto& option : further)
        text += " " + option;
    daemons_[node] = lab_.spawn(node, {"sh", "-c", text}, streams);
}

void StoreNodes::start(const Nodes& nodes) {
    for (const auto node : nodes)
        start(node);
}

void StoreNodes::kill(unsigned node) {
    daemons_[node].end();
}

void StoreNodes::kill(const Nodes& nodes) {
    for (const auto node : nodes)
        daemons_[node].signal(SIGKILL);
    for (const auto node : nodes)
        kill(node);
}

int StoreNodes::stop(unsigned node) {
    constexpr milliseconds limit{15000};
    daemons_[node].signal(SIGTERM);
    const auto status = daemons_[node].wait(limit);
    if (!status)
        throw LabError(fmt::format("the store of node {} does not end within {} ms of SIGTERM:\n{}", node,
                                   limit.count(), log(node)));
    return *status;
}

bool StoreNodes::running(unsigned node) {
    return !daemons_[node].wait(milliseconds(0));
}

pid_t StoreNodes::process(unsigned node) {
    return daemons_[node].id().pid;
}

// --- files ------------------------------------------------------------------------------------------------------

fs::path StoreNodes::root(unsigned node) const {
    return lab_.node_directory(node) / "cfs";
}

fs::path StoreNodes::mount(unsigned node) const {
    return kind(node) == StoreKind::cfsd ? root(node) / "etc/pve" : fs::path(real_mount);
}

std::string StoreNodes::log(unsigned node) const {
    return read_file(root(node) / "log");
}

Finished StoreNodes::shell(unsigned node, const std::string& script, milliseconds limit) const {
    // A folder that nothing is mounted on is no store, and may be the machine's.
    return lab_.run(
        node, {"sh", "-c", fmt::format("cd {} && mountpoint -q . || exit 1; {}", mount(node).string(), script)}, limit);
}

std::string StoreNodes::listing(unsigned node) const {
    const auto done =
        shell(node,
              "find . -mindepth 1 -not -path './.*' -not -type l | LC_ALL=C sort | while read -r name; do "
              "if [ -d \"$name\" ]; then echo \"$name/\"; else echo \"$name $(md5sum < \"$name\")\"; fi; done");
    if (done.status != 0) throw LabError(fmt::format("listing the store of node {}: {}", node, done.err));
    return done.out;
}

std::size_t StoreNodes::online(unsigned node) const {
    const std::string text = members(node);
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find("\"online\": 1", at)) != std::string::npos; ++at)
        ++count;
    return count;
}

bool StoreNodes::writable(unsigned node) const {
    return shell(node, "touch corosync.conf").status == 0;
}

void StoreNodes::wait_mounted(unsigned node, milliseconds limit) const {
    if (!wait_until(limit, [&] { return shell(node, "cat .version").status == 0; }))
        throw LabError(fmt::format("the store of node {} is not there:\n{}", node, log(node)));
}

void StoreNodes::wait_writable(const Nodes& nodes, milliseconds limit) const {
    wait_for("writable everywhere", nodes, limit, [&] {
        return std::all_of(nodes.begin(), nodes.end(),
                           [&](unsigned node) { return online(node) == nodes.size() && writable(node); });
    });
}

StoreNodes::Marks StoreNodes::log_marks() const {
    Marks marks;
    for (const auto node : lab_.all())
        marks[node] = Log(root(node) / "log").size();
    return marks;
}

bool StoreNodes::synced(unsigned node, std::size_t members, std::size_t since) const {
    const std::string text = Log(root(node) / "log").text(since);
    const auto at = text.rfind("[dcdb] notice: members: ");
    if (at == std::string::npos || text.find("[dcdb] notice: all data is up to date", at) == std::string::npos)
        return false;
    const std::string line = text.substr(at, text.find('\n', at) - at);
    return std::count(line.begin(), line.end(), '/') == static_cast<std::ptrdiff_t>(members);  // NODE/PID, NODE/PID
}

void StoreNodes::wait_synced(const Nodes& nodes, const Marks& since, milliseconds limit) const {
    wait_for("in sync", nodes, limit, [&] {
        return std::all_of(nodes.begin(), nodes.end(),
                           [&](unsigned node) { return synced(node, nodes.size(), since.at(node)); });
    });
}

void StoreNodes::wait_for(const char* what, const Nodes& nodes, milliseconds limit,
                          const std::function<bool()>& done) const {
    if (wait_until(limit, done)) return;
    std::string text = fmt::format("the store is not {} after {} ms", what, limit.count());
    for (const auto node : nodes)
        text += fmt::format("\nnode {}:\n{}", node, log(node));
    throw LabError(text);
}

}  // namespace lab
