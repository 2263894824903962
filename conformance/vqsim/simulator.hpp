#pragma once
// corosync's own simulator of votequorum (package corosync-vqsim), driven over pipes.

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>

namespace vqsim {

bool available();

class NoAnswer : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// One run of the program on one configuration: all nodes of its node list start at once, in partition 0.
class Simulator {
public:
    // Throws std::runtime_error if it does not start; NoAnswer, also later, if it says nothing for a while.
    explicit Simulator(const std::string& configuration);
    ~Simulator();
    Simulator(const Simulator&) = delete;
    Simulator& operator=(const Simulator&) = delete;

    // A line, and what it prints until it asks for the next one.
    std::string command(const std::string& line);
    // One of its nodes has failed an assertion.
    bool aborted() const { return aborted_; }

private:
    std::string read_to_prompt();
    void stop();

    std::filesystem::path directory_;
    pid_t pid_ = -1;
    int in_ = -1, out_ = -1;
    bool aborted_ = false;
};

struct State {
    bool quorate = false;
    std::string ring;
    std::size_t members = 0;
};
// The nodes that run, from what a command printed.
std::map<unsigned, State> states(const std::string& output);

}  // namespace vqsim
