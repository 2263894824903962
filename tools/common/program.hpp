#pragma once
// What all command line tools share: the options that the originals lack, and texts with the program's own name.
//
// Options are read with getopt, not CLI11: the originals permute arguments, abbreviate long options and name what is
// wrong in getopt's own words, and scripts compare exit codes and texts.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace tools {

// A command line without --json, --help and --version, which may stand anywhere before a "--".
class CommandLine {
public:
    CommandLine(int argc, char** argv);

    bool json = false, help = false, version = false;

    // For getopt; valid as long as this object. argv()[argc()] is null.
    int argc() const { return static_cast<int>(arguments_.size()) - 1; }
    char** argv() { return arguments_.data(); }
    const char* name() const { return arguments_.front(); }

private:
    std::vector<char*> arguments_;
};

// A line to standard error, after what was printed before it.
void complain(std::string_view text);
// To standard output, with a newline; bytes that are no UTF-8 are replaced. `indent` -1: on one line.
void print_json(const nlohmann::json& json, int indent = 2);

void print_version(const char* name);  // "NAME 0.1.0", to standard output
const char* version_number();

// Decimal, whole text, leading blanks and sign as strtoll takes them; false if it is anything else or out of bounds.
bool parse_number(const char* text, long long least, long long most, long long& value);

// A group or binary value with everything but printable ASCII as \xHH and backslashes doubled. Bytes above 0x7f come
// out as \xFFFFFFHH: the originals print a sign-extended char, and readers of their output know that form.
std::string escape(const void* data, std::size_t size);

}  // namespace tools
