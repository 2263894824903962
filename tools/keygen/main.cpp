// totem-keygen: corosync-keygen's options, texts and exit codes.
#include <fmt/format.h>
#include <getopt.h>

#include "tools/common/program.hpp"
#include "tools/keygen/keygen.hpp"

namespace {

void usage(const char* name) {
    fmt::print(
        "Usage: {} [-k <keyfile>] [-s size] [-m <randomfile>] [-n] [-l] [-h]\n"
        "     -k / --key-file=<filename> -  Write to the specified keyfile\n"
        "            instead of the default /etc/corosync/authkey.\n"
        "     -r / --random-file -  Random number source file. Default is \n"
        "            /dev/urandom. As an example /dev/random may be requested\n"
        "            (that may require user input for entropy).\n"
        "     -n / --next -  The key a running cluster with totemd's own\n"
        "            crypto_cipher (xchacha20, aes256-gcm) changes to: written\n"
        "            beside the keyfile as <keyfile>.next, for\n"
        "            totem.next_keyfile. An existing file is left alone.\n"
        "     -l / --less-secure - Not used, option is kept only\n"
        "            for compatibility.\n"
        "     -s / --size -  Length of key.\n"
        "     -h / --help -  Print basic usage.\n"
        "\n"
        "A key works with every crypto_cipher of totemd and of corosync 3.x; corosync\n"
        "2.x, and totemd in its dialect without a crypto_cipher of its own, use the\n"
        "first 128 bytes.\n"
        "\n",
        name);
}

}  // namespace

int main(int argc, char** argv) {
    tools::CommandLine line(argc, argv);
    if (line.version) return tools::print_version(line.name()), 0;
    if (line.help) return usage(line.name()), 0;
    static const option options[] = {{"key-file", required_argument, nullptr, 'k'},
                                     {"random-file", required_argument, nullptr, 'r'},
                                     {"size", required_argument, nullptr, 's'},
                                     {"next", no_argument, nullptr, 'n'},
                                     {"less-secure", no_argument, nullptr, 'l'},
                                     {"help", no_argument, nullptr, 'h'},
                                     {nullptr, 0, nullptr, 0}};
    tools::keygen::Request request;
    request.json = line.json;
    int letter = 0;
    while ((letter = getopt_long(line.argc(), line.argv(), "k:r:s:nlh", options, nullptr)) != -1) {
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
            case 'n':
                request.fresh = true;
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
    if (request.fresh) request.file += ".next";
    return tools::keygen::generate(line.name(), request);
}
