#pragma once
// The help text.

#include <fmt/format.h>

namespace tools::cmapctl {

inline void print_usage(const char* name) {
    fmt::print(
        "\n"
        "usage:  {0} [-b] [-DdghsqTCt] [-p filename] [-m map] [params...]\n"
        "\n"
        "    -b show binary values\n"
        "\n"
        "    -m select map to use\n"
        "          The  default  map is 'icmap' which contains configuration information and some runtime variables "
        "used by corosync. \n"
        "          A 'stats' map is also available which displays network statistics - in great detail when knet is "
        "used as the transport.\n"
        "Set key:\n"
        "    {0} -s key_name type value\n"
        "\n"
        "    where type is one of ([i|u][8|16|32|64] | flt | dbl | str | bin)\n"
        "    for bin, value is file name (or - for stdin)\n"
        "\n"
        "    map can be either 'icmap' (the default) which contains corosync\n"
        "    configuration information, or 'stats' which contains statistics\n"
        "    about the networking and IPC traffic in some detail.\n"
        "\n"
        "Clear stats:\n"
        "    {0} -C [knet|ipc|totem|schedmiss|all]\n"
        "    The 'stats' map is implied\n"
        "\n"
        "Load settings from a file:\n"
        "    {0} -p filename\n"
        "\n"
        "    the format of the file is:\n"
        "    [^[^]]<key_name>[ <type> <value>]\n"
        "    Keys prefixed with single caret ('^') are deleted (see -d).\n"
        "    Keys (actually prefixes) prefixed with double caret ('^^') are deleted by prefix (see -D).\n"
        "    <type> and <value> are optional (not checked) in above cases.\n"
        "    Other keys are set (see -s) so both <type> and <value> are required.\n"
        "\n"
        "Delete key:\n"
        "    {0} -d key_name...\n"
        "\n"
        "Delete multiple keys with prefix:\n"
        "    {0} -D key_prefix...\n"
        "\n"
        "Get key:\n"
        "    {0} [-b] -g key_name...\n"
        "\n"
        "Quiet mode:\n"
        "    {0} [-b] -q -g key_name...\n"
        "\n"
        "Display all keys:\n"
        "    {0} [-b]\n"
        "\n"
        "Display keys with prefix key_name:\n"
        "    {0} [-b] key_name...\n"
        "\n"
        "Track changes on keys with key_name:\n"
        "    {0} [-b] -t key_name\n"
        "\n"
        "Track changes on keys with key prefix:\n"
        "    {0} [-b] -T key_prefix\n"
        "\n",
        name);
}

}  // namespace tools::cmapctl
