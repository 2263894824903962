// totem-cfgtool: corosync-cfgtool's options, texts and exit codes.
#include <fmt/format.h>
#include <getopt.h>

#include <cstdint>
#include <limits>
#include <string>

#include "tools/cfgtool/actions.hpp"
#include "tools/cfgtool/rings.hpp"
#include "tools/common/program.hpp"

namespace {

int usage(const char* name) {
    fmt::print(
        "{} [[-i <interface ip>] [-b] -s] [-R] [-L] [-k nodeid] [-a nodeid] [-h] [-H]\n"
        "\n"
        "A tool for displaying and configuring active parameters within corosync.\n"
        "options:\n"
        "\t-i\tFinds only information about the specified interface IP address or link id when used with -s..\n"
        "\t-s\tDisplays the status of the current links on this node.\n"
        "\t-n\tDisplays the status of the connected nodes and their links.\n"
        "\t-b\tDisplays the brief status of the current links on this node when used with -s.\n"
        "\t-R\tTell all instances of corosync in this cluster to reload corosync.conf.\n"
        "\t-L\tTell corosync to reopen all logging files.\n"
        "\t-k\tKill a node identified by node id.\n"
        "\t-a\tDisplay the IP address(es) of a node\n"
        "\t-h\tPrint basic usage.\n"
        "\t-H\tShutdown corosync cleanly on this node.\n"
        "\t\t--force will shut down corosync regardless of daemon vetos\n",
        name);
    return 0;
}

struct Options {
    char action = 'h';  // the last of those given
    std::uint32_t nodeid = 0;
    std::string ring;  // of -i
    bool brief = false, force = false;
};

// False after having said why.
bool read_option(int letter, Options& options) {
    using namespace tools::cfgtool;
    switch (letter) {
        case 'i':  // of use in 2.x only, as with the original
            options.ring = optarg;
            return true;
        case 'h':  // ignored next to an action
            return true;
        case 'r':
            if (!engine_speaks_2x()) return true;  // there are no redundant rings in 3.x, and its original ignores it
            break;
        case 'b':
            return options.brief = true;
        case 'f':
            return options.force = true;
        case 'k':
        case 'a': {
            long long nodeid = 0;
            if (!tools::parse_number(optarg, 1, std::numeric_limits<std::uint32_t>::max(), nodeid)) {
                fmt::print(stderr, "The nodeid was not valid, try a positive number\n");
                return false;
            }
            options.nodeid = static_cast<std::uint32_t>(nodeid);
            break;
        }
        case '?':
            return false;
        default:
            break;
    }
    options.action = static_cast<char>(letter);
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace tools::cfgtool;
    tools::CommandLine line(argc, argv);
    if (line.version) return tools::print_version(line.name()), 0;
    if (line.help) return usage(line.name());
    static const option long_options[] = {{"if", required_argument, nullptr, 'i'},
                                          {"status", no_argument, nullptr, 's'},
                                          {"nodes", no_argument, nullptr, 'n'},
                                          {"brief", no_argument, nullptr, 'b'},
                                          {"reload", no_argument, nullptr, 'R'},
                                          {"reopen", no_argument, nullptr, 'L'},
                                          {"kill", required_argument, nullptr, 'k'},
                                          {"address", required_argument, nullptr, 'a'},
                                          {"shutdown", no_argument, nullptr, 'H'},
                                          {"force", no_argument, nullptr, 'f'},
                                          {nullptr, 0, nullptr, 0}};
    Options options;
    int letter = 0;
    while ((letter = getopt_long(line.argc(), line.argv(), "i:snbrRLk:a:hH", long_options, nullptr)) != -1) {
        if (!read_option(letter, options)) return 1;
    }
    switch (options.action) {
        case 's':
            return engine_speaks_2x() ? show_rings(options.ring, line.json) : show_status(options.brief, line.json);
        case 'r':
            return reenable_rings();
        case 'n':
            return show_nodes(line.json);
        case 'R':
            return reload(line.json);
        case 'L':
            return reopen_logs();
        case 'k':
            return kill_node(options.nodeid);
        case 'a':
            return show_addresses(options.nodeid, line.json);
        case 'H':
            return shut_down(options.force);
        default:
            return usage(line.name());
    }
}
