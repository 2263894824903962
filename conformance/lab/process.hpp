#pragma once
// Starting programs inside a host of the laboratory.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "conformance/lab/host.hpp"
#include "conformance/lab/system.hpp"

namespace lab {

using Arguments = std::vector<std::string>;  // program first, looked up in PATH

struct Finished {
    int status = 0;   // exit code, or 128 + signal number
    std::string out;  // standard output
    std::string err;  // standard error
};

// Which part of a host a program runs in. `network`: only its network, for tools that read and write outside files.
enum class Inside { host, network };

// A child of this process; killed and collected by the destructor if it is still running.
class Process {
public:
    struct Streams {  // -1: /dev/null for in, inherited for out and err
        int in = -1, out = -1, err = -1;
        bool inherit_in = false;
    };

    Process() = default;
    Process(const HostEntry& entry, Inside inside, const Arguments& command, const Streams& streams);
    Process(Process&& other) noexcept;
    Process& operator=(Process&& other) noexcept;
    ~Process();

    const ProcessId& id() const { return id_; }
    bool running() const { return id_.pid > 0; }  // not collected yet
    bool signal(int number) const { return running() && id_.signal(number); }
    // Exit code, or 128 + signal; nothing if it still runs after `limit`.
    std::optional<int> wait(milliseconds limit);
    void end();  // SIGKILL and collect

private:
    ProcessId id_;
    std::optional<int> status_;
};

// Runs a command to its end and returns what it printed. LabError if it takes longer than `limit`.
Finished run_in(const HostEntry& entry, Inside inside, const Arguments& command, milliseconds limit,
                const std::string& input = {});

// Starts a program that outlives this process, as a child of the host's init; output is appended to `log`.
struct Detached {
    ProcessId id;          // as seen from outside
    pid_t pid_inside = 0;  // as the host sees it
};
Detached start_detached(const HostEntry& entry, const Arguments& command, const std::filesystem::path& log,
                        const std::vector<std::pair<std::string, std::string>>& environment);

std::string join(const Arguments& command);  // for messages

}  // namespace lab
