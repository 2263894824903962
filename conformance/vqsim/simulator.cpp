#include "conformance/vqsim/simulator.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>

namespace vqsim {
namespace {

constexpr char kProgram[] = "/usr/bin/corosync-vqsim";
constexpr char kPrompt[] = "#vqsim> ";
constexpr int kLimitMs = 5000;

}  // namespace

bool available() {
    return ::access(kProgram, X_OK) == 0;
}

Simulator::Simulator(const std::string& configuration) {
    std::string pattern = std::filesystem::temp_directory_path() / "vqsim-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
    directory_ = pattern;
    std::ofstream(directory_ / "c.conf") << configuration;
    int to[2], from[2];
    if (::pipe2(to, O_CLOEXEC) != 0 || ::pipe2(from, O_CLOEXEC) != 0) throw std::runtime_error("no pipes");
    pid_ = ::fork();
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::setpgid(0, 0);  // its nodes are processes, too
        ::dup2(to[0], 0);
        ::dup2(from[1], 1);
        ::dup2(from[1], 2);
        // It refuses absolute paths as too long.
        if (::chdir(directory_.c_str()) != 0) ::_exit(127);
        ::execl(kProgram, kProgram, "-c", "c.conf", nullptr);
        ::_exit(127);
    }
    ::close(to[0]);
    ::close(from[1]);
    in_ = to[1];
    out_ = from[0];
    try {
        if (pid_ < 0) throw std::runtime_error("vqsim did not start");
        read_to_prompt();
    } catch (...) {
        stop();
        throw;
    }
}

Simulator::~Simulator() {
    stop();
}

void Simulator::stop() {
    ::close(in_);
    ::close(out_);
    if (pid_ > 0) {
        ::kill(-pid_, SIGKILL);
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

std::string Simulator::read_to_prompt() {
    std::string text;
    char buffer[4096];
    while (!text.ends_with(kPrompt)) {
        pollfd waited{out_, POLLIN, 0};
        if (::poll(&waited, 1, kLimitMs) <= 0) throw NoAnswer("vqsim does not answer: " + text);
        const ssize_t got = ::read(out_, buffer, sizeof buffer);
        if (got <= 0) throw std::runtime_error("vqsim ended: " + text);
        text.append(buffer, static_cast<std::size_t>(got));
    }
    aborted_ = aborted_ || text.find("exited on signal 6") != std::string::npos;
    return text.substr(0, text.size() - sizeof kPrompt + 1);
}

std::string Simulator::command(const std::string& line) {
    const std::string bytes = line + "\n";
    if (::write(in_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
        throw std::runtime_error("vqsim takes no commands");
    }
    return read_to_prompt();
}

std::map<unsigned, State> states(const std::string& output) {
    static const std::regex kLine(R"((\d+):(\d+): q=(\d) ring=\[([0-9a-f.]+)\] nodes=\[([0-9 ]*)\])");
    std::map<unsigned, State> out;
    std::istringstream in(output);
    for (std::string line; std::getline(in, line);) {
        std::smatch found;
        if (!std::regex_match(line, found, kLine)) continue;
        std::istringstream nodes(found[5]);
        State state{found[3] == "1", found[4], 0};
        for (unsigned node = 0; nodes >> node;)
            ++state.members;
        out[static_cast<unsigned>(std::stoul(found[2]))] = state;
    }
    return out;
}

}  // namespace vqsim
