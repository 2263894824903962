// totemd, the cluster engine.

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "engine/main/options.hpp"
#include "engine/main/startup.hpp"

int main(int argc, char** argv) {
    try {
        const auto [options, error] = engine::program::parse_command_line(argc, argv);
        if (!error.empty()) {
            fmt::print(stderr, "totemd: {}\n{}", error, engine::program::usage());
            return EXIT_FAILURE;
        }
        if (options.version) {
            fmt::print("{}", engine::program::version_text());
            return EXIT_SUCCESS;
        }
        return engine::program::run(options);
    } catch (const std::exception& unexpected) {
        fmt::print(stderr, "totemd: {}\n", unexpected.what());
        return 255;
    }
}
