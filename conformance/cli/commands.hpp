#pragma once
// What each command of totem-lab does. All return the exit code of the program; errors are thrown.

#include <string>
#include <vector>

#include "conformance/lab/lab.hpp"

namespace cli {

struct Output {
    bool json = false;
};

struct UpOptions {
    unsigned nodes = 3, rings = 1;
    std::string transport = "udp", family = "ipv4", configuration_file;
    std::vector<std::string> daemons;  // "2=corosync", "default=totemd"
    std::vector<std::string> totem;    // "token=1000"
    bool debug = false, no_start = false, no_wait = false;
    unsigned wait_seconds = 60;
};

int up(const std::string& name, const UpOptions& options, Output output);
int status(const std::string& name, Output output);
int list(Output output);
int down(const std::string& name, bool all_dead, Output output);
int execute(const std::string& name, unsigned node, const std::vector<std::string>& command);
int show_log(const std::string& name, unsigned node, unsigned lines, bool follow);
int set_loss(const std::string& name, const std::string& percentage, unsigned node);  // node 0: all
int partition(const std::string& name, const std::vector<std::string>& sides);

// Exposed for tests. Both throw LabError with advice.
double parse_percentage(const std::string& text);  // "5%" or "5" -> 0.05
std::vector<lab::DaemonKind> parse_daemons(unsigned nodes, const std::vector<std::string>& choices);

}  // namespace cli
