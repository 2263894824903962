#include "engine/main/options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "engine/main/process.hpp"

namespace engine::program {

CommandLine parse_command_line(int argc, const char* const* argv) {
    CommandLine result;
    Options& options = result.options;
    bool realtime = false;
    bool no_realtime = false;

    CLI::App app("totemd");
    app.set_help_flag();  // -h is an unknown option, as with corosync
    app.add_flag("-f", options.foreground);
    app.add_flag("-t", options.test);
    app.add_flag("-v,--version", options.version);
    app.add_option("-c", options.config);
    app.add_option("-l", options.lock_file);
    auto* yes = app.add_flag("-r", realtime);
    app.add_flag("-p", no_realtime)->excludes(yes);
    app.add_option("-P", options.priority)->check([](const std::string& text) {
        return nice_value(text) ? std::string() : fmt::format("Priority value {} is invalid", text);
    });
    app.add_flag("-R", options.stay_in_cgroup);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        result.error = error.what();
        return result;
    }
    if (realtime) options.realtime = true;
    if (no_realtime) options.realtime = false;
    return result;
}

std::string usage() {
    return "usage: totemd [-f] [-t] [-v] [-c FILE] [-l FILE] [-p | -r] [-P VALUE] [-R]\n"
           "        -c FILE  : configuration file (/etc/corosync/corosync.conf)\n"
           "        -l FILE  : lock and pid file (/var/run/corosync.pid)\n"
           "        -f       : stay in the foreground\n"
           "        -t       : read and check the configuration, then exit\n"
           "        -v       : print the version and exit\n"
           "        -p       : no real-time scheduling\n"
           "        -r       : real-time round robin scheduling (default)\n"
           "        -P VALUE : nice value, max or min, when not real-time\n"
           "        -R       : do not move to the root control group\n";
}

std::string version_text() {
    return fmt::format(
        "totemd {}, a cluster engine that speaks the Totem protocol of corosync 2.4 and 3.1\n"
        "Licensed under the Apache License, Version 2.0\n"
        "\n"
        "Transports: udp udpu\n",
        TOTEMD_VERSION);
}

}  // namespace engine::program
