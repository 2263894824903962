#include "conformance/pvecm/pvecm_nodes.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace lab {
namespace {

constexpr milliseconds kLimit{120000};

}  // namespace

void PvecmNodes::install(unsigned node, DaemonKind engine) {
    const auto program = find_daemon(engine);
    if (!program) throw LabError(how_to_get(engine));
    const auto hosts = lab_.node_directory(node) / "hosts";
    std::string text = "127.0.0.1 localhost\n";
    for (const auto each : lab_.all())
        text += fmt::format("{} {}\n", node_address(each, Family::ipv4), node_name(each));
    write_file(hosts, text);
    const auto done = lab_.run(node,
                               {PREPARE_NODE, node_address(node, Family::ipv4), beside_us("pvecm").parent_path(),
                                join(daemon_command(engine, *program, false)), hosts},
                               kLimit);
    if (done.status != 0) throw LabError(fmt::format("installing node {}: {}{}", node, done.out, done.err));
}

// Whoever is asked for a password answers with it.
Arguments PvecmNodes::with_environment(Arguments command) const {
    command.insert(command.begin(), {"env", "SSH_ASKPASS=/run/askpass", "SSH_ASKPASS_REQUIRE=force"});
    return command;
}

Finished PvecmNodes::run(unsigned node, const Arguments& command) const {
    return lab_.run(node, with_environment(command), kLimit);
}

Finished PvecmNodes::pvecm(unsigned node, Arguments words) const {
    words.insert(words.begin(), beside_us("pvecm"));
    return run(node, words);
}

// Its output goes through a pipe that takes one line at a time, so it can't get past the next line that it prints.
bool PvecmNodes::interrupt(unsigned node, Arguments words, const std::string& when) const {
    words.insert(words.begin(), beside_us("pvecm"));
    int ends[2];
    check(::pipe2(ends, O_CLOEXEC | O_DIRECT), "pipe");
    FileDescriptor output(ends[0]), input(ends[1]);
    check(::fcntl(input.get(), F_SETPIPE_SZ, 4096), "cannot make a pipe smaller");
    const auto errors = open_file(lab_.node_directory(node) / "interrupted", O_WRONLY | O_CREAT | O_APPEND);
    auto process = lab_.spawn(node, with_environment(words), {.out = input.get(), .err = errors.get()});
    input.reset();
    std::string text;
    char part[4096];
    for (ssize_t size = 0; (size = ::read(output.get(), part, sizeof part)) > 0;) {
        text.append(part, static_cast<std::size_t>(size));
        if (text.find(when) == std::string::npos) continue;
        process.end();
        return true;
    }
    return false;
}

void PvecmNodes::switch_off(unsigned node) const {
    const auto done = run(node, {"sh", "-c", "kill -KILL $(cat /run/corosync.pid) $(cat /run/pve-cluster.pid)"});
    if (done.status != 0) throw LabError(fmt::format("switching node {} off: {}", node, done.err));
}

std::string PvecmNodes::read(unsigned node, const std::string& file) const {
    return run(node, {"cat", file}).out;
}

}  // namespace lab
