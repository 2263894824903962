#pragma once
// What a command looks like to who calls it, and what it got. The table of all commands is the printed interface.
// Spec pvecm.md section 2.

#include <climits>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pvecm/cli/formats.hpp"

namespace pvecm {

class Context;
class Arguments;

enum class Type { string, integer, boolean };

struct Option {
    std::string name;  // as printed, without hyphens
    Type type = Type::string;
    Format format = Format::none;
    long least = LONG_MIN, most = LONG_MAX;  // of integers
    std::size_t longest = 0;                 // characters, 0: any
    std::vector<std::string> choices = {};   // the values there are, if there are only some
    std::string help = {}, fallback = {};    // fallback: what is shown as default
    bool addition = false;                   // not in the original: no reason for "[OPTIONS]" in the usage line
    bool optional = false;                   // of positionals: may be left out, as all after it
};

// Where it stands in the list of commands.
enum class Group { qdevice, members, local, help, addition };

// What has to be true before it runs (section 3.1).
enum class Needs { nothing, store };

struct Command {
    std::string name;  // "qdevice setup"
    Group group = Group::local;
    std::string help;
    std::vector<Option> positionals = {};
    bool extra_arguments = false;  // takes any number of words after them
    std::vector<Option> options = {};
    Needs needs = Needs::store;
    // The exit status. Throws Error.
    std::function<int(Context&, const Arguments&)> run = {};
};

// Values that have passed the checks of their options.
class Arguments {
public:
    bool has(const std::string& name) const { return values_.count(name) > 0; }
    std::optional<std::string> get(const std::string& name) const;
    std::string at(const std::string& name) const { return get(name).value_or(""); }  // of positionals
    std::optional<long> number(const std::string& name) const;
    bool flag(const std::string& name, bool otherwise = false) const;
    const std::vector<std::string>& extra() const { return extra_; }

    void set(const std::string& name, std::string value) { values_[name] = std::move(value); }
    void add_extra(std::string word) { extra_.push_back(std::move(word)); }

private:
    std::map<std::string, std::string> values_;
    std::vector<std::string> extra_;
};

}  // namespace pvecm
