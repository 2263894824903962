#pragma once
// What -vv and -vvv tell: each datagram in words, and byte by byte.

#include <functional>
#include <string>

#include "tools/omping/node.hpp"

namespace tools::omping {

// "query, seq=3, 69 bytes"
std::string describe(Bytes datagram);
// Sixteen bytes a line, with what can be printed behind them.
std::string dump(Bytes datagram);

class Trace final : public NodePort {
public:
    using Say = std::function<void(const std::string&)>;

    // All goes on to `port`. With `bytes` lines are followed by a dump.
    Trace(NodePort& port, bool bytes, Say say) : port_(port), bytes_(bytes), say_(std::move(say)) {}

    void received(const Reception& reception) const;
    void send(const Endpoint& to, Bytes message) override;
    void send_to_group(std::uint16_t port, Bytes message) override;

private:
    void tell(const std::string& what, Bytes datagram) const;

    NodePort& port_;
    const bool bytes_;
    const Say say_;
};

}  // namespace tools::omping
