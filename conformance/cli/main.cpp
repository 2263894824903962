// totem-lab: a laboratory of cluster nodes on one machine.
#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <csignal>
#include <functional>

#include "conformance/cli/commands.hpp"

namespace {

struct Arguments {
    std::string name = "default";
    cli::Output output;
    cli::UpOptions up;
    unsigned node = 0, other = 0, ring = 0, lines = 40;
    std::vector<std::string> words;
    std::string word, signal = "KILL";
    bool one_way = false, dead = false, follow = false, stop = false;
};

int signal_number(const std::string& name) {
    const std::map<std::string, int> known = {{"KILL", SIGKILL}, {"TERM", SIGTERM}, {"STOP", SIGSTOP},
                                              {"CONT", SIGCONT}, {"INT", SIGINT},   {"QUIT", SIGQUIT},
                                              {"ABRT", SIGABRT}, {"USR2", SIGUSR2}};
    const auto found = known.find(name.starts_with("SIG") ? name.substr(3) : name);
    if (found == known.end()) throw lab::LabError("unknown signal '" + name + "': say KILL, TERM, STOP, CONT, …");
    return found->second;
}

class Commands {
public:
    Commands(CLI::App& app, Arguments& arguments) : app_(app), a_(arguments) {
        add_life();
        add_daemons();
        add_network();
        add_looking();
    }
    int run() { return action_(); }

private:
    using Change = std::function<void(lab::Lab&)>;

    CLI::App* add(const std::string& name, const std::string& help, std::function<int()> action) {
        auto* command = app_.add_subcommand(name, help);
        command->callback([this, action = std::move(action)] { action_ = action; });
        command->fallthrough();
        return command;
    }

    CLI::App* add_change(const std::string& name, const std::string& help, Change change) {
        return add(name, help, [this, change = std::move(change)] {
            auto laboratory = lab::Lab::open(a_.name);
            change(laboratory);
            return 0;
        });
    }

    CLI::App* with_node(CLI::App* command) {
        command->add_option("node", a_.node, "Node number")->required();
        return command;
    }

    void add_life() {
        auto* up =
            add("up", "Make a laboratory and start its nodes", [this] { return cli::up(a_.name, a_.up, a_.output); });
        up->add_option("nodes", a_.up.nodes, "How many nodes")->capture_default_str();
        up->add_option("--rings", a_.up.rings, "2: a second network and rrp_mode passive, in the 2.x dialect")
            ->capture_default_str();
        up->add_option("--transport", a_.up.transport, "udp (multicast) or udpu (unicast)")->capture_default_str();
        up->add_option("--family", a_.up.family, "ipv4 or ipv6")->capture_default_str();
        up->add_option("--daemon", a_.up.daemons, "NODE=KIND or default=KIND; totemd, corosync or corosync2");
        up->add_option("--config", a_.up.configuration_file, "corosync.conf for all nodes")->check(CLI::ExistingFile);
        up->add_option("--totem", a_.up.totem, "KEY=VALUE for the section totem, such as token=3000");
        up->add_flag("--debug", a_.up.debug, "Debug messages in the logs");
        up->add_flag("--no-start", a_.up.no_start, "Start no daemon");
        up->add_flag("--no-wait", a_.up.no_wait, "Do not wait for the ring");
        up->add_option("--wait", a_.up.wait_seconds, "Seconds to wait for the ring")->capture_default_str();
        auto* down = add("down", "Remove a laboratory, also what is left of a dead one",
                         [this] { return cli::down(a_.name, a_.dead, a_.output); });
        down->add_flag("--dead", a_.dead, "Remove what dead laboratories have left");
        add("list", "Names of the laboratories", [this] { return cli::list(a_.output); });
    }

    void add_daemons() {
        with_node(add_change("start", "Start the daemon of a node", [this](auto& l) { l.start(a_.node); }));
        with_node(add_change("stop", "End the daemon of a node in order (SIGTERM)", [this](auto& l) {
            const auto took = l.stop(a_.node);
            if (!a_.output.json) fmt::print("node {} ended after {} ms\n", a_.node, took.count());
        }));
        auto* kill = with_node(add_change("kill", "Send a signal to the daemon of a node, KILL if none is named",
                                          [this](auto& l) { l.kill(a_.node, signal_number(a_.signal)); }));
        kill->add_option("--signal", a_.signal, "KILL, TERM, STOP, CONT, INT, QUIT, ABRT or USR2");
        with_node(add_change("pause", "Stop the daemon's process (SIGSTOP)", [this](auto& l) { l.pause(a_.node); }));
        with_node(add_change("resume", "Let a paused daemon run on", [this](auto& l) { l.resume(a_.node); }));
        auto* exec = with_node(add("exec", "Run a command inside a node: exec NODE -- COMMAND ...",
                                   [this] { return cli::execute(a_.name, a_.node, a_.words); }));
        exec->add_option("command", a_.words, "Command and its arguments")->required();
    }

    void add_network() {
        auto* cut = with_node(add_change("cut", "Let nothing pass between two nodes", [this](auto& l) {
            a_.one_way ? l.cut(a_.node, a_.other) : l.cut_both(a_.node, a_.other);
        }));
        cut->add_option("other", a_.other, "The other node")->required();
        cut->add_flag("--one-way", a_.one_way, "Only from the first to the second node");
        add("partition", "Split the network: partition 1,2 3", [this] { return cli::partition(a_.name, a_.words); })
            ->add_option("sides", a_.words, "Nodes of each side, with commas")
            ->required()
            ->expected(2, -1);
        auto* cut_ring = add_change("cut-ring", "Let nothing pass on one of two rings", [this](auto& l) {
            a_.node == 0 ? l.cut_ring(a_.ring) : l.cut_ring(a_.ring, a_.node);
        });
        cut_ring->add_option("ring", a_.ring, "Number of the ring")->required();
        cut_ring->add_option("--node", a_.node, "Only from and to this node");
        add_change("heal", "Undo all cuts", [](auto& l) { l.heal(); });
        auto* loss = add("loss", "Lose datagrams at random where they are received: loss 5%",
                         [this] { return cli::set_loss(a_.name, a_.word, a_.node); });
        loss->add_option("percentage", a_.word, "Share of datagrams lost, 0% ends it")->required();
        loss->add_option("--node", a_.node, "Only at this node");
        auto* capture = add_change("capture", "Record all packets on the bridge: capture FILE, capture --stop",
                                   [this](auto& l) { record(l); });
        capture->add_option("file", a_.word, "Where to (pcap)");
        capture->add_flag("--stop", a_.stop, "End the recording");
    }

    void add_looking() {
        add("status", "What the nodes are doing", [this] { return cli::status(a_.name, a_.output); });
        auto* log = with_node(
            add("log", "The log of a node", [this] { return cli::show_log(a_.name, a_.node, a_.lines, a_.follow); }));
        log->add_option("-n,--lines", a_.lines, "How many of the last lines")->capture_default_str();
        log->add_flag("-f,--follow", a_.follow, "Show new lines as they come");
    }

    void record(lab::Lab& laboratory) {
        if (a_.stop) return laboratory.stop_capture();
        if (a_.word.empty()) throw lab::LabError("name the file to record into, or say --stop");
        laboratory.start_capture(a_.word);
    }

    CLI::App& app_;
    Arguments& a_;
    std::function<int()> action_;
};

}  // namespace

int main(int argc, char** argv) {
    CLI::App app(
        "A laboratory of cluster nodes, totemd and real corosync mixed, in network namespaces of this machine");
    Arguments arguments;
    app.add_option("--name", arguments.name, "Which laboratory")->capture_default_str();
    app.add_flag("--json", arguments.output.json, "Print JSON where there is something to print");
    app.require_subcommand(1);
    app.fallthrough();
    Commands commands(app, arguments);
    CLI11_PARSE(app, argc, argv);
    try {
        return commands.run();
    } catch (const std::exception& error) {
        fmt::print(stderr, "totem-lab: {}\n", error.what());
        return 125;  // apart from what a command run by exec ends with
    }
}
