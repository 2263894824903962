#pragma once
// What passes on an interface, whether anybody here joined its group or not. Needs the right to open packet sockets.

#include <functional>
#include <string>

#include "tools/omping/hosts.hpp"
#include "tools/omping/net.hpp"

namespace tools::omping::qualify {

class PacketSocket {
public:
    enum class Wanted { membership, everything };

    // Not open, and why_not() says so, where that is not allowed.
    PacketSocket(const Interface& interface, Wanted wanted);

    bool open() const { return fd_.get() >= 0; }
    int fd() const { return fd_.get(); }
    const std::string& why_not() const { return why_not_; }
    // The next packet from its IP header on, truncated; empty if there is none.
    totem::Bytes receive();

private:
    FileDescriptor fd_;
    std::string why_not_;
    std::vector<std::uint8_t> buffer_;
};

}  // namespace tools::omping::qualify
