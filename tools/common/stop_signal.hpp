#pragma once
// SIGINT and SIGTERM as a descriptor, so that a program that waits ends in order.

namespace tools {

class StopSignal {
public:
    StopSignal();  // both signals are blocked from now on
    ~StopSignal();
    StopSignal(const StopSignal&) = delete;
    StopSignal& operator=(const StopSignal&) = delete;

    int fd() const { return fd_; }  // readable when one has come

private:
    int fd_;
};

}  // namespace tools
