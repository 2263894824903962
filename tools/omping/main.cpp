// omping: does multicast work between these hosts, and with --qualify: does the network carry a cluster?
#include <fmt/format.h>

#include <cstdio>

#include "tools/common/program.hpp"
#include "tools/omping/lookup.hpp"
#include "tools/omping/options.hpp"
#include "tools/omping/ping.hpp"
#include "tools/omping/qualify/qualify.hpp"

namespace {

using namespace tools::omping;

Selection find_hosts(const Options& options) {
    const int version = options.method == Method::broadcast ? 4 : options.ip_version;
    std::vector<Argument> hosts;
    for (const std::string& text : options.hosts)
        hosts.push_back(look_up(text, version));
    std::optional<Argument> group;
    if (!options.group.empty()) group = look_up(options.group, version);
    return select_hosts(options, hosts, group, list_interfaces());
}

int run(int argc, char** argv) {
    Options options = parse_options(argc, argv);
    if (options.help) return fmt::print("{}", help_text()), 0;
    if (options.own_version) return tools::print_version(argv[0]), 0;
    if (options.show_version == 1) return fmt::print("omping version 0.0.5\n"), 0;
    if (!options.qualify.on) return ping(options, find_hosts(options));
    const qualify::Cluster cluster = qualify::find_cluster(options.qualify, options.ip_version == 6);
    qualify::apply(cluster, options);
    return qualify::qualify(options, find_hosts(options), cluster);
}

}  // namespace

int main(int argc, char** argv) {
    // Whoever reads our lines through a pipe wants them when they happen.
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    try {
        return run(argc, argv);
    } catch (const Failure& failure) {
        if (const std::string text = failure.what(); !text.empty()) tools::complain("omping: " + text);
        if (failure.usage()) fmt::print("{}", usage_text());
        return failure.status();
    } catch (const std::exception& error) {
        tools::complain(fmt::format("omping: {}", error.what()));
        return kExitInternal;
    }
}
