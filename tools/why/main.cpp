// totem-why: why the membership or quorum of this node changed.
#include <fmt/format.h>
#include <getopt.h>

#include <chrono>
#include <limits>

#include "tools/common/program.hpp"
#include "tools/why/cluster.hpp"
#include "tools/why/show.hpp"

namespace {

using namespace tools::why;

void usage(std::FILE* to, const char* name) {
    fmt::print(to,
               "usage: {} [-n COUNT] [--since TIME] [-f | --follow] [--json] [--file PATH]\n"
               "Says why the membership or quorum of this node changed; the engine need not run.\n"
               "  -n COUNT      the last COUNT changes only\n"
               "  --since TIME  from then on: 90s, 10m, 2h, 1d ago, or 2026-01-31, '2026-01-31 13:05',\n"
               "                2026-01-31T13:05:09, with a Z behind it UTC\n"
               "  -f, --follow  go on and show each change when it happens\n"
               "  --json        one line of JSON per change\n"
               "  --file PATH   the journal; {} in the state directory if not given\n"
               "exit codes: 0 shown, 1 wrong usage, 2 no journal to read, 3 shown but for damaged lines\n",
               name, engine::why::kJournalName);
}

int refuse(const char* name, const std::string& reason) {
    tools::complain(fmt::format("{}: {}", name, reason));
    usage(stderr, name);
    return kUsage;
}

std::int64_t now() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

}  // namespace

int main(int argc, char** argv) {
    tools::CommandLine line(argc, argv);
    if (line.version) return tools::print_version(line.name()), kShown;
    if (line.help) return usage(stdout, line.name()), kShown;
    static const option options[] = {{"since", required_argument, nullptr, 's'},
                                     {"follow", no_argument, nullptr, 'f'},
                                     {"file", required_argument, nullptr, 'F'},
                                     {nullptr, 0, nullptr, 0}};
    Options asked;
    asked.json = line.json;
    int letter = 0;
    while ((letter = getopt_long(line.argc(), line.argv(), "n:fh", options, nullptr)) != -1) {
        long long count = 0;
        switch (letter) {
            case 'n':
                if (!tools::parse_number(optarg, 0, std::numeric_limits<int>::max(), count)) {
                    return refuse(line.name(), fmt::format("-n {} is no count", optarg));
                }
                asked.count = static_cast<std::size_t>(count);
                break;
            case 's':
                asked.since = parse_time(optarg, now());
                if (!asked.since) return refuse(line.name(), fmt::format("--since {} is no time", optarg));
                break;
            case 'f':
                asked.follow = true;
                break;
            case 'F':
                asked.file = optarg;
                break;
            case 'h':
                return usage(stdout, line.name()), kShown;
            default:
                return usage(stderr, line.name()), kUsage;
        }
    }
    if (optind < line.argc()) return refuse(line.name(), fmt::format("{} is not understood", line.argv()[optind]));
    const Cluster cluster = read_cluster();
    if (asked.file.empty()) asked.file = cluster.state_directory + "/" + engine::why::kJournalName;
    return show(asked, cluster.naming());
}
