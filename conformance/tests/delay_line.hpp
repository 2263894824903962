#pragma once
// A cable that takes its time: a thread carries the frames between two interfaces of a host, each after a delay. For
// networks whose kernel has no netem.

#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "conformance/lab/process.hpp"

namespace conformance {

class DelayLine {
public:
    // Returns when both ends are open. Errors are LabError or std::system_error.
    DelayLine(const lab::HostEntry& host, const std::string& left, const std::string& right, lab::milliseconds delay);
    ~DelayLine();
    DelayLine(const DelayLine&) = delete;
    DelayLine& operator=(const DelayLine&) = delete;

private:
    struct Frame {
        lab::Clock::time_point due;
        std::vector<char> bytes;  // with the header that says what the sender left to its interface
    };
    struct End {
        lab::FileDescriptor socket;
        std::deque<Frame> to_send;
    };

    void run();
    void receive(End& from, End& to);
    static void send_due(End& end, lab::Clock::time_point now);

    End left_, right_;
    lab::milliseconds delay_;
    lab::FileDescriptor stop_read_, stop_write_;
    std::thread thread_;
};

}  // namespace conformance
