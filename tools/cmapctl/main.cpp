// totem-cmapctl: corosync-cmapctl's options, texts and exit codes.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "tools/cmapctl/commands.hpp"
#include "tools/cmapctl/usage.hpp"
#include "tools/common/connection.hpp"
#include "tools/common/program.hpp"

namespace {

using namespace tools::cmapctl;

struct Options {
    char mode = 'l';  // of the options that choose one, the last; 'l': list
    Style style;
    cmap_map_t map = CMAP_MAP_ICMAP;
    std::string file, clear;
};

// False after having said why; `done` if there is nothing more to do.
bool read_option(int letter, const char* name, Options& options, bool& done) {
    const std::string_view argument = optarg != nullptr ? optarg : "";
    constexpr std::array<std::string_view, 5> clearable = {"knet", "totem", "ipc", "schedmiss", "all"};
    switch (letter) {
        case 'b':
            options.style.binary = true;
            return true;
        case 'q':
            options.style.quiet = true;
            return true;
        case 'g':
        case 's':
        case 'd':
        case 'D':
        case 't':
        case 'T':
            options.mode = static_cast<char>(letter);
            return true;
        case 'p':
            options.mode = 'p';
            options.file = argument;
            return true;
        case 'm':
            if (argument == "stats") {
                options.map = CMAP_MAP_STATS;
            } else if (argument == "icmap" || argument == "default") {
                options.map = CMAP_MAP_ICMAP;
            } else {
                fmt::print(stderr, "invalid map name, must be 'default', 'icmap' or 'stats'\n");
                return false;
            }
            return true;
        case 'C':
            options.mode = 'C';
            options.clear = argument;
            options.map = CMAP_MAP_STATS;
            if (std::find(clearable.begin(), clearable.end(), argument) != clearable.end()) return true;
            fmt::print(stderr, "argument to -C should be 'knet', 'totem', 'ipc', 'schedmiss' or 'all'\n");
            return false;
        case 'h':
            print_usage(name);
            return done = true;
        default:
            return false;
    }
}

// CS_ERR_TRY_AGAIN means that the engine is starting. corosync 2 knows no other maps, and crashes when it is asked for
// one.
cs_error_t open_map(cmap_handle_t* handle, cmap_map_t map) {
    cs_error_t error = CS_OK;
    for (int attempt = 0; attempt < 10; ++attempt) {
        error = map == CMAP_MAP_ICMAP ? cmap_initialize(handle) : cmap_initialize_map(handle, map);
        if (error != CS_ERR_TRY_AGAIN) break;
        ::sleep(1);
    }
    return error;
}

int run(const Session& session, const Options& options, const Words& words) {
    switch (options.mode) {
        case 'g':
            return get(session, words);
        case 's':
            if (words.size() >= 3) return set(session, words[0], words[1], words[2]);
            fmt::print(stderr, "At least 3 parameters are expected for set\n");
            return 1;
        case 'd':
            return remove(session, words);
        case 'D':
            return remove_prefixes(session, words);
        case 't':
        case 'T':
            return track(session, words, options.mode == 'T');
        case 'p':
            return load(session, options.file);
        case 'C':
            return clear_statistics(session, options.clear);
        default:
            return list(session, words);
    }
}

}  // namespace

int main(int argc, char** argv) {
    tools::CommandLine line(argc, argv);
    if (line.version) return tools::print_version(line.name()), 0;
    if (line.help) return print_usage(line.name()), 0;
    Options options;
    int letter = 0;
    while ((letter = getopt(line.argc(), line.argv(), "m:hqgsdDtTbp:C:")) != -1) {
        bool done = false;
        if (!read_option(letter, line.name(), options, done)) return 1;
        if (done) return 0;
    }
    const Words words(line.argv() + optind, line.argv() + line.argc());
    if (words.empty() && std::string_view("gsdDtT").find(options.mode) != std::string_view::npos) {
        fmt::print(stderr, "Expected key after options\n");
        return 1;
    }
    const tools::Cmap cmap([&](cmap_handle_t* handle) { return open_map(handle, options.map); });
    if (!cmap.ok()) {
        fmt::print(stderr, "Failed to initialize the cmap API. Error {}\n", cs_strerror(cmap.error));
        return 1;
    }
    return run({cmap.get(), options.style, line.json}, options, words);
}
