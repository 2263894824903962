#pragma once
// Two network namespaces joined by a cable, for tests that need a network of their own. Sockets stay in
// the namespace they were made in, so one process can be both ends.
//
//   a: 10.77.0.1/24 10.77.0.9/24 fd77::1/64    b: 10.77.0.2/24 fd77::2/64

#include <string>

namespace testnet {

class Namespaces {
public:
    enum class Side { a, b };

    // Throws std::runtime_error naming what this machine does not allow.
    Namespaces();
    ~Namespaces();  // back to where the process came from
    Namespaces(const Namespaces&) = delete;
    Namespaces& operator=(const Namespaces&) = delete;

    void enter(Side side);
    // Runs `ip <arguments>` on a side; throws if it fails.
    void ip(Side side, const std::string& arguments);

private:
    int home_ = -1, a_ = -1, b_ = -1;
};

}  // namespace testnet
