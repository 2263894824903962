#pragma once
// A program using the system's libcpg, recording what it is told.

#include <corosync/cpg.h>
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ipc_test {

using std::chrono::milliseconds;

struct Confchg {
    std::string group;
    std::vector<cpg_address> members, left, joined;
};

struct Delivery {
    std::uint32_t node, pid;
    std::string data;
};

struct TotemConfchg {
    cpg_ring_id ring;
    std::vector<std::uint32_t> members;
    std::size_t confchgs_before;
};

class CpgClient {
public:
    explicit CpgClient(unsigned flags = 0);
    ~CpgClient();
    CpgClient(const CpgClient&) = delete;
    CpgClient& operator=(const CpgClient&) = delete;

    cs_error_t join(std::string_view group);
    cs_error_t leave(std::string_view group);
    // Repeats while told to try again, unless `once`.
    cs_error_t mcast(std::string_view data, bool once = false);
    // Dispatches until `done` or the time is over; returns done().
    bool dispatch_until(const std::function<bool()>& done, milliseconds limit = milliseconds(10000));
    // Joins and waits for the event of it.
    bool joined(std::string_view group);
    // Dispatches what is there.
    cs_error_t dispatch_some();
    cs_error_t finalize();

    cs_error_t opened = CS_ERR_INIT;
    cpg_handle_t handle = 0;
    std::vector<Confchg> confchgs;
    std::vector<Delivery> deliveries;
    std::vector<TotemConfchg> totem_confchgs;
};

cpg_name name_of(std::string_view group);

// A child process running tests/ipc/child.cpp.
class Child {
public:
    Child(std::vector<std::string> arguments);
    ~Child();
    std::string read_line();  // of its standard output; "" at its end
    void kill(int signal);
    int wait();  // exit status as of waitpid
    pid_t pid() const { return pid_; }

private:
    pid_t pid_ = -1;
    int output_ = -1;
    bool reaped_ = false;
};

}  // namespace ipc_test
