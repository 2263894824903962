// pvecm, the cluster administration tool.
#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdlib>
#include <exception>

#include "pvecm/cli/parser.hpp"
#include "pvecm/cli/usage.hpp"
#include "pvecm/commands/all.hpp"
#include "pvecm/error.hpp"
#include "pvecm/host/context.hpp"
#include "tools/common/program.hpp"

namespace {

using namespace pvecm;

// Section 2.2, rule 7: nobody's environment decides which programs root runs.
void settle_environment() {
    ::setenv("PATH", "/sbin:/bin:/usr/sbin:/usr/bin", 1);
    ::setenv("HOME", "/root", 1);
    ::umask(022);
}

int complete(const std::vector<Command>& commands) {
    const char* const line = std::getenv("COMP_LINE");
    const char* const point = std::getenv("COMP_POINT");
    const std::string text = line != nullptr ? line : "";
    const auto cursor = parse_integer(point != nullptr ? point : "");
    fmt::print("{}",
               completions(commands, text, cursor && *cursor >= 0 ? static_cast<std::size_t>(*cursor) : text.size()));
    return 0;
}

int run_command(const std::vector<Command>& commands, Words words) {
    const Command& command = find_command(commands, words);
    try {
        const Arguments arguments = parse_arguments(command, words);
        const char* const root = std::getenv("PVECM_ROOT");
        Context context({.root = root != nullptr ? root : ""}, commands);
        if (command.needs == Needs::store) context.check_store();
        return command.run(context, arguments);
    } catch (const WrongArguments& wrong) {
        tools::complain(fmt::format("{}{}", wrong.what(), usage_line(command)));
        return kExitFailure;
    }
}

int run(Words words) {
    const auto commands = commands::all();
    if (!words.empty() && words.front() == "bashcomplete") return complete(commands);
    if (!words.empty() && words.front() == "--version") return tools::print_version("pvecm"), 0;
    try {
        return run_command(commands, std::move(words));
    } catch (const NoCommand& missing) {
        fmt::print(stderr, "ERROR: {}\n{}", missing.what(), usage_block(commands, missing.part));
        return kExitFailure;
    }
}

}  // namespace

int main(int argc, char** argv) {
    try {
        settle_environment();
        const int status = run({argv + 1, argv + argc});
        return std::fflush(stdout) == 0 ? status : kExitFailure;
    } catch (const Error& error) {
        tools::complain(error.what());
        return error.status();
    } catch (const std::exception& unexpected) {
        tools::complain(fmt::format("pvecm: {}", unexpected.what()));
        return kExitFailure;
    }
}
