#pragma once
// Waiting for datagrams, signals and time. The signals are blocked and read from a descriptor, so that nothing happens
// at a time of its own. One thread.

#include <functional>
#include <vector>

#include "tools/omping/net.hpp"

namespace tools::omping {

class Waiter {
public:
    explicit Waiter(Sockets& sockets);
    ~Waiter();
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    std::function<void(const Reception&)> received;
    std::function<void()> asked_for_summary;  // SIGUSR1
    // Called when the descriptor is readable.
    void watch(int fd, std::function<void()> readable);

    // Until something came or the time is over; then handles it: of each socket one datagram, unicast first. False if
    // the time is over.
    bool wait(Instant deadline);

    bool interrupted() const { return interrupts_ > 0; }
    void clear_interrupts() { interrupts_ = 0; }  // a new phase

private:
    struct Watch {
        int fd;
        std::function<void()> readable;
    };

    void read_signals();

    Sockets& sockets_;
    FileDescriptor signals_;
    std::vector<Watch> watches_;
    unsigned interrupts_ = 0;
};

}  // namespace tools::omping
