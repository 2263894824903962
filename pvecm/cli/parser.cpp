#include "pvecm/cli/parser.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

namespace pvecm {
namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

std::string word_of(const std::string& name, std::size_t index) {
    std::size_t at = 0;
    for (; index > 0 && at != std::string::npos; --index) {
        at = name.find(' ', at);
        if (at != std::string::npos) ++at;
    }
    return at == std::string::npos ? "" : name.substr(at, name.find(' ', at) - at);
}

// The full words that `given` may stand for. What the original has wins over additions, so that its abbreviations hold.
Words candidates(const std::vector<const Command*>& commands, std::size_t index, const std::string& given) {
    Words original, added;
    for (const Command* command : commands) {
        const std::string word = word_of(command->name, index);
        if (word == given) return {word};
        if (word.empty() || !word.starts_with(given)) continue;
        Words& words = command->group == Group::addition ? added : original;
        if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
    }
    return original.empty() ? added : original;
}

class ArgumentParser {
public:
    ArgumentParser(const Command& command, const Words& words) : command_(command), words_(words) {}

    Arguments run() {
        read();
        if (!complaints_.empty()) throw WrongArguments(complaints_ + "400 unable to parse option\n");
        place();
        check(command_.positionals);
        check(command_.options);
        if (wrong_.empty()) return std::move(arguments_);
        std::string text = "400 Parameter verification failed.\n";
        for (const auto& [name, why] : wrong_)
            text += fmt::format("{}: {}\n", name, why);
        throw WrongArguments(text);
    }

private:
    void read() {
        while (next_ < words_.size()) {
            const std::string& word = words_[next_++];
            if (word == "--") break;
            if (word.size() < 2 || word.front() != '-') {
                positionals_.push_back(word);
            } else {
                option(word.substr(word.starts_with("--") ? 2 : 1));
            }
        }
        positionals_.insert(positionals_.end(), words_.begin() + static_cast<long>(next_), words_.end());
    }

    void option(const std::string& word) {
        const auto equals = word.find('=');
        const std::string given = word.substr(0, equals);
        std::optional<std::string> value;
        if (equals != std::string::npos) value = word.substr(equals + 1);
        const Option* const found = find_option(given);
        if (found == nullptr) return;
        if (found->type == Type::boolean) {
            // An optional value; a word that could be one is taken for it.
            if (!value && next_ < words_.size() && !words_[next_].starts_with('-')) value = words_[next_++];
            arguments_.set(found->name, boolean(value.value_or("1")));
            return;
        }
        if (!value && next_ < words_.size()) value = words_[next_++];
        if (!value) {
            complaints_ += fmt::format("Option {} requires an argument\n", given);
            return;
        }
        arguments_.set(found->name, *value);
    }

    static std::string boolean(const std::string& value) {
        const std::string text = lower(value);
        for (const char* const yes : {"1", "on", "yes", "true"})
            if (text == yes) return "1";
        for (const char* const no : {"0", "off", "no", "false"})
            if (text == no) return "0";
        throw WrongArguments("400 unable to parse boolean option\n");
    }

    const Option* find_option(const std::string& given) {
        const std::string name = lower(given);
        std::vector<const Option*> found;
        for (const Option& option : command_.options) {
            if (lower(option.name) == name) return &option;
            if (lower(option.name).starts_with(name)) found.push_back(&option);
        }
        // What is abbreviated is an option of the original, if there is one.
        if (found.size() > 1 && std::count_if(found.begin(), found.end(), is_original) == 1)
            return *std::find_if(found.begin(), found.end(), is_original);
        if (found.size() == 1) return found.front();
        if (found.empty()) {
            complaints_ += fmt::format("Unknown option: {}\n", name);
            return nullptr;
        }
        Words names;
        for (const Option* option : found)
            names.push_back(option->name);
        std::sort(names.begin(), names.end());
        complaints_ += fmt::format("Option {} is ambiguous ({})\n", name, fmt::join(names, ", "));
        return nullptr;
    }

    static bool is_original(const Option* option) { return !option->addition; }

    void place() {
        const auto& known = command_.positionals;
        const std::size_t count = std::min(known.size(), positionals_.size());
        if (count < known.size() && !known[count].optional) throw WrongArguments("400 not enough arguments\n");
        if (positionals_.size() > count && !command_.extra_arguments) throw WrongArguments("400 too many arguments\n");
        for (std::size_t i = 0; i < count; ++i)
            arguments_.set(command_.positionals[i].name, positionals_[i]);
        for (std::size_t i = count; i < positionals_.size(); ++i)
            arguments_.add_extra(positionals_[i]);
    }

    void check(const std::vector<Option>& options) {
        for (const Option& option : options) {
            const auto value = arguments_.get(option.name);
            if (!value) continue;
            const auto why = option.type == Type::integer ? wrong_integer(option, *value) : wrong_text(option, *value);
            if (why) wrong_[option.name] = *why;
        }
    }

    static std::optional<std::string> wrong_integer(const Option& option, const std::string& value) {
        const auto number = parse_integer(value);
        if (!number) return fmt::format("type check ('integer') failed - got '{}'", value);
        if (*number < option.least) return fmt::format("value must have a minimum value of {}", option.least);
        if (*number > option.most) return fmt::format("value must have a maximum value of {}", option.most);
        return std::nullopt;
    }

    static std::optional<std::string> wrong_text(const Option& option, const std::string& value) {
        if (auto why = wrong_format(option.format, option.name, value)) return why;
        if (option.longest > 0 && value.size() > option.longest)
            return fmt::format("value may only be {} characters long", option.longest);
        const auto& choices = option.choices;
        if (!choices.empty() && std::find(choices.begin(), choices.end(), value) == choices.end())
            return fmt::format("value '{}' does not have a value in the enumeration '{}'", value,
                               fmt::join(choices, ", "));
        return std::nullopt;
    }

    const Command& command_;
    const Words& words_;
    std::size_t next_ = 0;
    Words positionals_;
    std::string complaints_;
    Arguments arguments_;
    std::map<std::string, std::string> wrong_;
};

}  // namespace

std::optional<std::string> Arguments::get(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<long> Arguments::number(const std::string& name) const {
    const auto value = get(name);
    return value ? parse_integer(*value) : std::nullopt;
}

bool Arguments::flag(const std::string& name, bool otherwise) const {
    const auto value = get(name);
    return value ? *value == "1" : otherwise;
}

const Command& find_command(const std::vector<Command>& commands, Words& words) {
    if (words.empty()) throw NoCommand("no command specified", "");
    std::vector<const Command*> left;
    left.reserve(commands.size());
    for (const Command& command : commands)
        left.push_back(&command);
    std::string said;
    for (std::size_t index = 0;; ++index) {
        if (index == words.size()) throw NoCommand(fmt::format("incomplete command 'pvecm {}'", said), said);
        const Words found = candidates(left, index, words[index]);
        if (found.size() != 1)
            throw NoCommand(fmt::format("unknown command 'pvecm {}{}{}'", said, said.empty() ? "" : " ", words[index]),
                            said);
        said += (said.empty() ? "" : " ") + found.front();
        std::erase_if(left, [&](const Command* each) { return word_of(each->name, index) != found.front(); });
        if (left.size() == 1 && left.front()->name == said) {
            words.erase(words.begin(), words.begin() + static_cast<long>(index) + 1);
            return *left.front();
        }
    }
}

Arguments parse_arguments(const Command& command, const Words& words) {
    return ArgumentParser(command, words).run();
}

}  // namespace pvecm
