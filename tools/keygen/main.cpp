// totem-keygen: corosync-keygen's options, texts and exit codes.
#include <fmt/format.h>
#include <getopt.h>

#include "tools/common/program.hpp"
#include "tools/keygen/keygen.hpp"

namespace {

void usage(const char* name) {
    fmt::print(
        "Usage: {} [-k <keyfile>] [-s size] [-m <randomfile>] [-l] [-h]\n"
        "     -k / --key-file=<filename> -  Write to the specified keyfile\n"
        "            instead of the default /etc/corosync/authkey.\n"
        "     -r / --random-file -  Random number source file. Default is \n"
        "            /dev/urandom. As an example /dev/random may be requested\n"
        "            (that may require user input for entropy).\n"
        "     -l / --less-secure - Not used, option is kept only\n"
        "            for compatibility.\n"
        "     -s / --size -  Length of key.\n"
        "     -h / --help -  Print basic usage.\n"
        "\n",
        name);
}

}  // namespace

int main(int argc, char** argv) {
    tools::CommandLine line(argc, argv);
    if (line.version) return tools::print_version(line.name()), 0;
    if (line.help) return usage(line.name()), 0;
    static const option options[] = {
        {"key-file", required_argument, nullptr, 'k'}, {"random-file", required_argument, nullptr, 'r'},
        {"size", required_argument, nullptr, 's'},     {"less-secure", no_argument, nullptr, 'l'},
        {"help", no_argument, nullptr, 'h'},           {nullptr, 0, nullptr, 0}};
    tools::keygen::Request request;
    request.json = line.json;
    int letter = 0;
    while ((letter = getopt_long(line.argc(), line.argv(), "k:r:s:lh", options, nullptr)) != -1) {
        long long size = 0;
        switch (letter) {
            case 'k':
                request.file = optarg;
                break;
            case 'r':
                request.source = optarg;
                break;
            case 's':
                if (!tools::parse_number(optarg, tools::keygen::least_size, tools::keygen::most_size, size)) {
                    fmt::print(stderr, "{}: Unsupported key size (supported <{},{}>)\n\n", line.name(),
                               tools::keygen::least_size, tools::keygen::most_size);
                    return 1;
                }
                request.size = static_cast<std::size_t>(size);
                break;
            case 'l':
                break;
            case 'h':
                return usage(line.name()), 0;
            default:
                fmt::print("Error parsing command line options.\n");
                return 1;
        }
    }
    return tools::keygen::generate(line.name(), request);
}
