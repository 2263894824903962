// totem-cpgtool: corosync-cpgtool's options, texts and exit codes.
#include <fmt/format.h>
#include <unistd.h>

#include "tools/common/connection.hpp"
#include "tools/common/program.hpp"
#include "tools/cpgtool/groups.hpp"

namespace {

using tools::cpgtool::Member;
using tools::cpgtool::Options;

int usage(const char* name) {
    fmt::print(
        "{} [-d delimiter] [-e] [-n] [-h]\n"
        "\n"
        "A tool for displaying cpg groups and members.\n"
        "options:\n"
        "\t-d\tDelimiter between fields.\n"
        "\t-e\tDon't escape unprintable characters in group name.\n"
        "\t-n\tDisplay only all existing group names.\n"
        "\t-h\tDisplay this help.\n",
        name);
    return 0;
}

// False after having said why.
bool read_members(cpg_handle_t cpg, corosync_cfg_handle_t cfg, const Options& options, std::vector<Member>& members) {
    cpg_iteration_handle_t iteration = 0;
    const auto kind = options.names_only ? CPG_ITERATION_NAME_ONLY : CPG_ITERATION_ALL;
    cs_error_t error = cpg_iteration_initialize(cpg, kind, nullptr, &iteration);
    if (error != CS_OK) {
        fmt::print(stderr, "Cannot initialize cpg iterator error {}\n", static_cast<int>(error));
        return false;
    }
    cpg_iteration_description_t item{};
    while ((error = cpg_iteration_next(iteration, &item)) == CS_OK) {
        Member member{std::string(item.group.value, item.group.length), item.pid, item.nodeid, {}};
        std::vector<corosync_cfg_node_address_t> addresses;
        if (!options.names_only && !options.delimiter) tools::node_addresses(cfg, item.nodeid, addresses);
        for (const auto& address : addresses)
            member.addresses.push_back(tools::numeric(address));
        members.push_back(std::move(member));
    }
    cpg_iteration_finalize(iteration);
    if (error == CS_ERR_NO_SECTIONS) return true;
    fmt::print(stderr, "cpg iteration error {}\n", static_cast<int>(error));
    return false;
}

}  // namespace

int main(int argc, char** argv) {
    tools::CommandLine line(argc, argv);
    if (line.version) return tools::print_version(line.name()), 0;
    if (line.help) return usage(line.name());
    Options options;
    int letter = 0;
    while ((letter = getopt(line.argc(), line.argv(), "hd:ne")) != -1) {
        if (letter == 'd') {
            if (*optarg != '\0') options.delimiter = *optarg;
        } else if (letter == 'n') {
            options.names_only = true;
        } else if (letter == 'e') {
            options.escape = false;
        } else {
            return letter == 'h' ? usage(line.name()) : 1;
        }
    }
    const tools::Cpg cpg([](cpg_handle_t* handle) {
        static cpg_callbacks_t callbacks{};
        return cpg_initialize(handle, &callbacks);
    });
    if (!cpg.ok()) {
        fmt::print(stderr, "Could not initialize corosync cpg API error {}\n", static_cast<int>(cpg.error));
        return 1;
    }
    const tools::Cfg cfg(tools::open_cfg);
    if (!cfg.ok()) {
        fmt::print(stderr, "Could not initialize corosync configuration API error {}\n", static_cast<int>(cfg.error));
        return 1;
    }
    Options reading = options;
    if (line.json) reading.delimiter.reset();  // addresses are wanted
    std::vector<Member> members;
    const bool complete = read_members(cpg.get(), cfg.get(), reading, members);
    if (line.json) {
        const auto json = json_of(members, options);
        tools::print_json(json);
    } else {
        fmt::print("{}", text_of(members, options));
    }
    return complete ? 0 : 1;
}
