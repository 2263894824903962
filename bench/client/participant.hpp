#pragma once
// A member of a closed process group that sends, probes or only receives, and measures what it sees.

#include <corosync/cpg.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace bench {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

enum class Role { send, probe, receive };

struct Options {
    Role role = Role::receive;
    std::string group = "bench";
    std::size_t size = 64;
    std::size_t members = 1;    // processes to wait for before the start
    std::size_t senders = 1;    // how many of them send or probe
    double warm_up = 1;         // seconds that do not count
    double seconds = 2;         // that do
    double pause = 0;           // of a probe, seconds between an answer and the next message
    std::size_t in_flight = 0;  // messages of our own under way at most; 0 = what TRY_AGAIN allows
    bool wait = false;          // for the others
};

void check(cs_error_t error, const char* what);  // throws std::runtime_error
void wait_milliseconds(int milliseconds);
cpg_name group_name(const std::string& text);

// Takes part in one run: from joining to having every message of every sender.
class Participant {
public:
    explicit Participant(const Options& options);  // returns when the group is complete
    ~Participant();
    Participant(const Participant&) = delete;
    Participant& operator=(const Participant&) = delete;

    nlohmann::json run();

private:
    struct Snapshot {
        Clock::time_point at;
        std::uint64_t delivered = 0, bytes = 0, sent = 0;
        double processor_seconds = 0;  // of this process
    };
    struct Sender {
        std::uint32_t node = 0, pid = 0;
        bool operator<(const Sender& other) const { return std::tie(node, pid) < std::tie(other.node, other.pid); }
    };

    static Participant& self(cpg_handle_t handle);
    static void on_deliver(cpg_handle_t handle, const cpg_name*, std::uint32_t node, std::uint32_t pid, void* message,
                           std::size_t length);
    static void on_confchg(cpg_handle_t handle, const cpg_name*, const cpg_address*, std::size_t members,
                           const cpg_address*, std::size_t left, const cpg_address*, std::size_t);

    void deliver(const Sender& sender, const void* message, std::size_t length);
    void look_at_clock();
    Snapshot snapshot() const;
    bool complete() const { return ended_ == options_.senders; }
    void dispatch(int milliseconds);
    bool try_send(std::uint64_t number, std::size_t size);
    void send(std::uint64_t number, std::size_t size);

    void flood();
    void probe();
    void receive();  // until complete
    nlohmann::json report();

    Options options_;
    std::vector<char> message_;
    cpg_handle_t handle_ = 0;
    int fd_ = -1;
    Sender me_;
    std::size_t members_ = 0;
    bool running_ = false, somebody_left_ = false;

    std::map<Sender, std::uint64_t> next_;  // number expected of each sender
    std::size_t ended_ = 0;                 // senders whose last message was delivered
    std::uint64_t sent_ = 0, delivered_ = 0, own_delivered_ = 0, bytes_ = 0;
    std::uint64_t order_ = 0;  // hash of the delivered sequence
    std::string disorder_;
    Clock::time_point opens_, closes_;
    Snapshot open_, close_;
    std::vector<double> latencies_us_;
};

}  // namespace bench
