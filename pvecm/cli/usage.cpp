#include "pvecm/cli/usage.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <sstream>

#include "pvecm/cli/parser.hpp"

namespace pvecm {
namespace {

constexpr std::array kGroups = {Group::qdevice, Group::members, Group::local, Group::help, Group::addition};
constexpr std::size_t kWidth = 72;

bool begins_with(const Command& command, const std::string& part) {
    return part.empty() || command.name == part || command.name.starts_with(part + " ");
}

// Lines of at most that width, each with the indent in front.
std::string wrapped(const std::string& text, const std::string& indent) {
    std::istringstream words(text);
    std::string result, line;
    for (std::string word; words >> word;) {
        if (!line.empty() && line.size() + 1 + word.size() > kWidth) {
            result += indent + line + "\n";
            line.clear();
        }
        line += (line.empty() ? "" : " ") + word;
    }
    return line.empty() ? result : result + indent + line + "\n";
}

std::string type_text(const Option& option) {
    if (!option.choices.empty()) return fmt::format("<{}>", fmt::join(option.choices, " | "));
    if (option.format == Format::link) return "[address=]<IP> [,priority=<integer>]";
    switch (option.type) {
        case Type::boolean:
            return "<boolean>";
        case Type::integer:
            return fmt::format("<integer> ({} - {})", option.least,
                               option.most == LONG_MAX ? "N" : std::to_string(option.most));
        case Type::string:
            break;
    }
    return "<string>";
}

std::string option_text(const std::string& name, const Option& option) {
    const std::string fallback = option.fallback.empty() ? "" : fmt::format("   (default={})", option.fallback);
    return fmt::format("  {:<10} {}{}\n\n{}\n", name, type_text(option), fallback, wrapped(option.help, "\t     "));
}

std::set<std::string> possible_words(const std::vector<Command>& commands, const Words& before) {
    std::set<std::string> result;
    Words rest = before;
    try {
        const Command& command = find_command(commands, rest);
        for (const Option& option : command.options)
            result.insert("--" + option.name);
    } catch (const NoCommand& missing) {
        for (const Command& command : commands) {
            if (!begins_with(command, missing.part)) continue;
            const std::size_t from = missing.part.empty() ? 0 : missing.part.size() + 1;
            if (from < command.name.size())
                result.insert(command.name.substr(from, command.name.find(' ', from) - from));
        }
    }
    return result;
}

}  // namespace

std::string usage_line(const Command& command) {
    std::string arguments;
    for (const Option& positional : command.positionals)
        arguments += fmt::format("{}{}<{}>{}", arguments.empty() ? "" : " ", positional.optional ? "[" : "",
                                 positional.name, positional.optional ? "]" : "");
    if (command.extra_arguments) arguments += arguments.empty() ? "[<extra-args>]" : " [<extra-args>]";
    const bool options = std::any_of(command.options.begin(), command.options.end(),
                                     [](const Option& option) { return !option.addition; });
    return fmt::format("pvecm {} {}{}", command.name, arguments, options ? " [OPTIONS]" : "");
}

std::string usage_block(const std::vector<Command>& commands, const std::string& part) {
    std::string text = "USAGE: pvecm <COMMAND> [ARGS] [OPTIONS]\n";
    for (const Group group : kGroups) {
        std::string lines;
        for (const Command& command : commands) {
            if (command.group == group && begins_with(command, part))
                lines += fmt::format("       {}\n", usage_line(command));
        }
        if (!lines.empty()) text += "\n" + lines;
    }
    return text;
}

std::string help_text(const Command& command) {
    std::string text = fmt::format("USAGE: {}\n\n{}\n", usage_line(command), wrapped(command.help, "  "));
    for (const Option& positional : command.positionals)
        text += option_text(fmt::format("<{}>", positional.name), positional);
    for (const Option& option : command.options)
        text += option_text("-" + option.name, option);
    return text;
}

std::string completions(const std::vector<Command>& commands, const std::string& line, std::size_t cursor) {
    const std::string before = line.substr(0, cursor);
    std::istringstream stream(before);
    Words words;
    for (std::string word; stream >> word;)
        words.push_back(word);
    std::string begun;
    if (!words.empty() && !before.ends_with(' ')) {
        begun = words.back();
        words.pop_back();
    }
    if (!words.empty()) words.erase(words.begin());  // the program
    std::string text;
    for (const std::string& word : possible_words(commands, words)) {
        if (word.starts_with(begun)) text += word + "\n";
    }
    return text;
}

}  // namespace pvecm
