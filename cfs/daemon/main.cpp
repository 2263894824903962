// cfsd, the configuration file system.

#include <fmt/format.h>

#include <cstdlib>
#include <exception>

#include "cfs/daemon/daemon.hpp"
#include "cfs/daemon/log.hpp"

int main(int argc, char** argv) {
    using namespace cfs;
    try {
        daemon::open_log();
        const auto line = daemon::parse_command_line(argc, argv);
        if (line.help) {
            fmt::print("{}", daemon::help_text());
            return 0;
        }
        if (line.version) {
            fmt::print("cfsd {}\n", TOTEM_VERSION);
            return 0;
        }
        if (!line.error.empty()) {
            fmt::print(stderr, "option parsing failed: {}\n", line.error);
            return daemon::kExitOptions;
        }
        if (line.too_many) {
            daemon::log(Severity::critical, daemon::Domain::main, "too many arguments");
            return daemon::kExitFailure;
        }
        const char* const root = std::getenv("CFSD_ROOT");
        return daemon::run(line.options, daemon::Paths::below(root ? root : ""));
    } catch (const std::exception& unexpected) {
        fmt::print(stderr, "cfsd: {}\n", unexpected.what());
        return daemon::kExitFailure;
    }
}
