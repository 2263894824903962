// cpg-bench: throughput and latency of closed process groups, seen by an unmodified libcpg program.
// The same binary runs against totemd and corosync; it prints one line of JSON.
//
// Every participant joins the group and waits until --members processes are in it. In mode
// "throughput" all of them send for --seconds and count what is delivered; in mode "latency" the
// participant with --sender sends one message at a time and times its own delivery, the others
// only receive. Mode "receive" ends when the last sender has left.

#include <corosync/cpg.h>
#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstring>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    std::string mode = "throughput";
    std::string group = "bench";
    std::size_t size = 64;
    std::size_t members = 3;
    double seconds = 2;
    std::size_t count = 200;
    std::size_t in_flight = 0;  // messages of our own under way at most; 0 = what TRY_AGAIN allows
};

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

class Participant {
public:
    explicit Participant(const Options& options) : options_(options), message_(options.size, 'x') {
        static const cpg_callbacks_t kCallbacks{on_deliver, on_confchg};
        cpg_callbacks_t callbacks = kCallbacks;
        check(cpg_initialize(&handle_, &callbacks), "cpg_initialize");
        check(cpg_context_set(handle_, this), "cpg_context_set");
        cpg_name name{};
        name.length = static_cast<std::uint32_t>(options.group.size());
        std::memcpy(name.value, options.group.data(), options.group.size());
        cs_error_t joined;
        while ((joined = cpg_join(handle_, &name)) == CS_ERR_TRY_AGAIN)
            wait(10);
        check(joined, "cpg_join");
        check(cpg_fd_get(handle_, &fd_), "cpg_fd_get");
        check(cpg_local_get(handle_, &node_), "cpg_local_get");
        while (members_ < options_.members)
            dispatch(1000);
    }
    ~Participant() { cpg_finalize(handle_); }

    nlohmann::json run() {
        if (options_.mode == "throughput") return throughput();
        if (options_.mode == "latency") return latency();
        return receive();
    }

private:
    static Participant& self(cpg_handle_t handle) {
        void* context = nullptr;
        cpg_context_get(handle, &context);
        return *static_cast<Participant*>(context);
    }
    static void on_deliver(cpg_handle_t handle, const cpg_name*, std::uint32_t node, std::uint32_t pid, void*,
                           std::size_t length) {
        Participant& me = self(handle);
        ++me.delivered_;
        me.delivered_bytes_ += length;
        // Nodes of a laboratory number their processes apart from each other.
        if (node == me.node_ && pid == static_cast<std::uint32_t>(getpid())) ++me.own_delivered_;
    }
    static void on_confchg(cpg_handle_t handle, const cpg_name*, const cpg_address*, std::size_t members,
                           const cpg_address*, std::size_t left, const cpg_address*, std::size_t) {
        Participant& me = self(handle);
        me.members_ = members;
        if (left > 0) me.somebody_left_ = true;
    }
    static void check(cs_error_t error, const char* what) {
        if (error == CS_OK) return;
        throw std::runtime_error(std::string(what) + ": " + cs_strerror(error));
    }
    static void wait(int milliseconds) { poll(nullptr, 0, milliseconds); }

    // Handles what is there, waiting at most `milliseconds` for the first event.
    void dispatch(int milliseconds) {
        pollfd descriptor{fd_, POLLIN, 0};
        if (poll(&descriptor, 1, milliseconds) > 0) check(cpg_dispatch(handle_, CS_DISPATCH_ALL), "cpg_dispatch");
    }
    bool try_send() {
        iovec part{message_.data(), message_.size()};
        const cs_error_t error = cpg_mcast_joined(handle_, CPG_TYPE_AGREED, &part, 1);
        if (error == CS_ERR_TRY_AGAIN) return false;
        check(error, "cpg_mcast_joined");
        ++sent_;
        return true;
    }

    nlohmann::json throughput() {
        const auto start = Clock::now();
        while (seconds_since(start) < options_.seconds) {
            const bool may_send = options_.in_flight == 0 || sent_ - own_delivered_ < options_.in_flight;
            if (may_send && try_send()) {
                if (sent_ % 64 == 0) dispatch(0);
            } else {
                dispatch(1);
            }
        }
        const double elapsed = seconds_since(start);
        const auto delivered = delivered_;
        const auto bytes = delivered_bytes_;
        drain();
        return {{"mode", options_.mode},
                {"size", options_.size},
                {"seconds", elapsed},
                {"sent", sent_},
                {"messages_per_second", static_cast<double>(delivered) / elapsed},
                {"bytes_per_second", static_cast<double>(bytes) / elapsed}};
    }
    // Own messages still under way belong to this run, not to the next.
    void drain() {
        while (own_delivered_ < sent_)
            dispatch(1000);
    }

    nlohmann::json latency() {
        std::vector<double> microseconds;
        microseconds.reserve(options_.count);
        for (std::size_t i = 0; i < options_.count; ++i) {
            const auto start = Clock::now();
            while (!try_send())
                dispatch(1);
            while (own_delivered_ < sent_)
                dispatch(1000);
            microseconds.push_back(seconds_since(start) * 1e6);
        }
        std::sort(microseconds.begin(), microseconds.end());
        const auto at = [&](double p) { return microseconds[static_cast<std::size_t>(p * (microseconds.size() - 1))]; };
        return {{"mode", options_.mode}, {"size", options_.size}, {"count", options_.count}, {"p50_us", at(0.50)},
                {"p90_us", at(0.90)},    {"p99_us", at(0.99)},    {"min_us", at(0)},         {"max_us", at(1)}};
    }
    nlohmann::json receive() {
        while (!somebody_left_)
            dispatch(1000);
        return {{"mode", options_.mode}, {"delivered", delivered_}};
    }

    Options options_;
    std::vector<char> message_;
    cpg_handle_t handle_ = 0;
    int fd_ = -1;
    unsigned int node_ = 0;
    std::size_t members_ = 0;
    bool somebody_left_ = false;
    std::uint64_t sent_ = 0, delivered_ = 0, own_delivered_ = 0, delivered_bytes_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{"cpg-bench: throughput and latency of closed process groups"};
    app.add_option("--mode", options.mode)->check(CLI::IsMember({"throughput", "latency", "receive"}));
    app.add_option("--group", options.group);
    app.add_option("--size", options.size, "bytes per message")->check(CLI::Range(1, 1047552));
    app.add_option("--members", options.members, "processes to wait for");
    app.add_option("--seconds", options.seconds, "length of a throughput run");
    app.add_option("--in-flight", options.in_flight, "own messages under way at most, 0 = no limit");
    app.add_option("--count", options.count, "messages of a latency run")->check(CLI::Range(1, 1000000));
    CLI11_PARSE(app, argc, argv);
    try {
        std::cout << Participant(options).run().dump() << std::endl;
    } catch (const std::exception& error) {
        std::cerr << "cpg-bench: " << error.what() << '\n';
        return 1;
    }
}
