#pragma once
// Running other programs, without a shell. Errors are Error.

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "pvecm/words.hpp"

namespace pvecm {

std::string joined(const Words& words);  // with blanks, for messages
Words split(const std::string& text);    // at blanks: a command that somebody set

inline constexpr int kSignalBase = 128;

struct Finished {
    int status = 0;  // exit code, or kSignalBase + signal; 127 if there is no such program
    std::string out, err;
    bool ok() const { return status == 0; }
};

enum class Input { none, inherited };
enum class Errors { captured, passed };

// To its end; standard output captured. Standard error too, or where ours goes.
Finished run_captured(const Words& command, Input input = Input::none, Errors errors = Errors::captured);

// To its end, with our standard streams; its status.
int run(const Words& command);

// To its end, with that file for standard input and output; its status.
int run_on(const Words& command, int fd);

// As run_captured, but throws Error with that text and the program's own words unless it ends with 0.
std::string must_run(const Words& command, const std::string& failure);

// A process of its own session that outlives us, with nothing of ours but `log` for what it prints.
struct Detached {
    Words command;
    std::vector<std::pair<std::string, std::string>> environment = {};
    std::string log;
};
pid_t start(const Detached& detached);

// Standard output of the first is the input of the second, whose output goes to a new file. Throws Error.
void run_into_file(const Words& first, const Words& second, const std::string& file, mode_t mode);

// The whole path of a program in PATH; empty if there is none.
std::string find_program(const std::string& name);

}  // namespace pvecm
