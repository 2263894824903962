// Daemons of a laboratory: starting and ending them, and the ring they report.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/wait.h>
#include <csignal>
#include <fstream>

#include "conformance/lab/change.hpp"
#include "conformance/lab/lab.hpp"

namespace lab {

namespace fs = std::filesystem;

namespace {

// Shared memory of a daemon that was killed stays behind in the node's own /dev/shm; every black box takes megabytes.
void clear_shared_memory(const ProcessId& init) {
    std::error_code none;
    const fs::path folder = fmt::format("/proc/{}/root/dev/shm", init.pid);
    std::vector<fs::path> old;
    for (const auto& entry : fs::directory_iterator(folder, none)) {
        if (entry.path().filename().string().starts_with("qb-")) old.push_back(entry.path());
    }
    for (const auto& path : old) {
        fs::remove_all(path, none);
    }
}

}  // namespace

void Lab::check_program(unsigned node) const {
    const auto& node_record = record(node);
    if (!node_record.program.empty()) return;
    throw LabError(fmt::format("no program for node {} ({}): {}", node, to_string(node_record.kind),
                               how_to_get(node_record.kind)));
}

void Lab::start(unsigned node) {
    Change change(*this);
    check_program(node);
    auto& node_record = record(node);
    if (node_record.daemon.alive()) throw LabError(fmt::format("node {} is running already", node));
    clear_shared_memory(node_record.init);
    node_record.log_start = log(node).size();
    const auto started =
        start_detached(entry(node), daemon_command(node_record.kind, node_record.program, manifest_.real_time),
                       log(node).path(), {{"COROSYNC_MAIN_CONFIG_FILE", configuration_path}});
    node_record.daemon = started.id;
    node_record.daemon_inside = started.pid_inside;
    change.done();
}

void Lab::start(const Nodes& nodes) {
    for (const auto node : nodes) {
        start(node);
    }
}

milliseconds Lab::stop(unsigned node, milliseconds limit) {
    const auto daemon = record(node).daemon;
    const auto begin = Clock::now();
    if (!daemon.signal(SIGTERM)) throw LabError(fmt::format("node {} is not running", node));
    if (!wait_for_end(daemon, limit)) {
        throw LabError(fmt::format("node {} does not end within {} ms of SIGTERM", node, limit.count()));
    }
    return std::chrono::duration_cast<milliseconds>(Clock::now() - begin);
}

void Lab::kill(unsigned node, int signal) {
    const auto daemon = record(node).daemon;
    if (!daemon.signal(signal)) throw LabError(fmt::format("node {} is not running", node));
    if (signal == SIGKILL && !wait_for_end(daemon, milliseconds(10000))) {
        throw LabError(fmt::format("node {} survives SIGKILL", node));
    }
}

void Lab::kill(const Nodes& nodes) {
    for (const auto node : nodes) {
        if (!record(node).daemon.signal(SIGKILL)) throw LabError(fmt::format("node {} is not running", node));
    }
    for (const auto node : nodes) {
        wait_for_end(record(node).daemon, milliseconds(10000));
    }
}

bool Lab::running(unsigned node) const {
    return record(node).daemon.alive();
}

std::optional<int> Lab::exit_code(unsigned node) const {
    const auto& node_record = record(node);
    if (node_record.daemon.pid == 0 || node_record.daemon.alive()) return std::nullopt;
    std::optional<int> code;
    // The host's init writes the line right after the process has become a zombie.
    wait_until(milliseconds(2000), [&] {
        std::ifstream exits(node_directory(node) / "exits");
        for (int pid = 0, status = 0; exits >> pid >> status;) {
            if (pid == node_record.daemon_inside) {
                code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            }
        }
        return code.has_value();
    });
    return code;
}

void Lab::wipe_state(unsigned node) {
    if (running(node)) throw LabError(fmt::format("node {} is running: stop it before wiping its state", node));
    for (const auto& entry : fs::directory_iterator(node_directory(node) / "state")) {
        fs::remove_all(entry.path());
    }
}

void Lab::configure(unsigned node, const std::string& configuration) {
    // In place: the file's directory is what is mounted, so replacing it is seen inside too.
    write_file(node_directory(node) / "etc/corosync.conf", configuration);
}

void Lab::give_key(unsigned node, char letter) {
    const auto file = node_directory(node) / "etc/authkey";
    write_file(file, std::string(128, letter));
    std::filesystem::permissions(file, std::filesystem::perms::owner_read);
}

std::optional<RingView> Lab::ring(unsigned node) const {
    if (!running(node)) return std::nullopt;
    return log(node).ring(record(node).log_start);
}

bool Lab::has_ring(const Nodes& members) const {
    std::optional<RingView> first;
    for (const auto node : members) {
        const auto view = ring(node);
        if (!view || view->members != members || (first && *view != *first)) return false;
        first = view;
    }
    return true;
}

std::string Lab::describe_rings() const {
    std::string text;
    for (const auto node : all()) {
        const auto view = ring(node);
        text += fmt::format("node {} ({}): ", node, to_string(record(node).kind));
        if (view) {
            text += fmt::format("ring {} of {}\n", view->ring_id, fmt::join(view->members, " "));
        } else if (running(node)) {
            text += "in no ring yet\n";
        } else if (const auto code = exit_code(node)) {
            text += fmt::format("not running, ended with {}\n", *code);
        } else {
            text += "not running\n";
        }
    }
    return text;
}

RingView Lab::wait_ring(const Nodes& members, milliseconds limit) const {
    auto sorted = members;
    std::sort(sorted.begin(), sorted.end());
    if (!wait_until(limit, [&] { return has_ring(sorted); })) {
        throw LabError(fmt::format("nodes {} are not in one ring after {} ms:\n{}", fmt::join(sorted, " "),
                                   limit.count(), describe_rings()));
    }
    return *ring(sorted.front());
}

}  // namespace lab
