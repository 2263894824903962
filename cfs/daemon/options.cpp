#include "cfs/daemon/options.hpp"

#include <CLI/CLI.hpp>
#include <map>

namespace cfs::daemon {

CommandLine parse_command_line(int argc, const char* const* argv) {
    CommandLine line;
    CLI::App app("cfsd");
    app.allow_extras();
    app.set_help_flag();
    app.add_flag("-h,--help", line.help);
    app.add_flag("--version", line.version);
    app.add_flag("-d,--debug", line.options.debug);
    app.add_flag("-f,--foreground", line.options.foreground);
    app.add_flag("-l,--local", line.options.local);
    app.add_option("--peers", line.options.peers)
        ->transform(CLI::CheckedTransformer(std::map<std::string, Era>{{"5", Era::p5}, {"9", Era::p9}}));
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        line.error = error.what();
        return line;
    }
    for (const std::string& extra : app.remaining()) {
        if (extra.size() > 1 && extra.front() == '-') {
            if (extra != "--" && line.error.empty()) line.error = "Unknown option " + extra;
        } else {
            line.too_many = true;
        }
    }
    return line;
}

std::string help_text() {
    return "Usage:\n"
           "  cfsd [OPTION...]\n"
           "\n"
           "Help Options:\n"
           "  -h, --help           Show help options\n"
           "\n"
           "Application Options:\n"
           "  -d, --debug          Turn on debug messages\n"
           "  -f, --foreground     Do not daemonize server\n"
           "  -l, --local          Force local mode (ignore corosync.conf, force quorum)\n"
           "  --peers=5|9          Limits and requests of pve-cluster 5 (default) or 9; the same on all nodes\n"
           "  --version            Print the version and exit\n"
           "\n";
}

}  // namespace cfs::daemon
