#pragma once
// A ring of one contestant, and clients on its nodes.

#include <functional>
#include <memory>

#include "bench/side_by_side/contestant.hpp"
#include "conformance/lab/lab.hpp"

namespace bench {

class Ring {
public:
    // No daemon runs yet. `real_time`: they are to run before their clients, as engines do by default.
    Ring(const Contestant& contestant, unsigned nodes, bool real_time);

    const Contestant& contestant() const { return contestant_; }
    lab::Lab& laboratory() { return *lab_; }
    unsigned size() const { return lab_->size(); }
    pid_t daemon(unsigned node) const { return lab_->manifest().nodes.at(node - 1).daemon.pid; }

    void start();                      // all that do not run; returns when they are in one ring
    double processor_seconds() const;  // of the daemons, summed
    // That node 1 has received since it started; nothing of corosync 2.x, which does not survive a libcmap of 3.x.
    std::optional<std::uint64_t> tokens() const;
    void restart();               // kills all that run and starts all
    std::string explain() const;  // for messages: rings, and the last of the logs of daemons that do not run

private:
    Contestant contestant_;
    bool real_time_;
    std::unique_ptr<lab::Lab> lab_;
};

// cpg-bench on one node. A name tells the clients of a node apart.
class Client {
public:
    Client(Ring& ring, unsigned node, const std::string& name, lab::Arguments arguments, int input);

    unsigned node() const { return node_; }
    bool ready();                                 // also if it has ended: its report says why
    std::string report(lab::milliseconds limit);  // what it printed after "ready"; LabError if it failed

private:
    Ring* ring_;
    std::string who_;
    unsigned node_;
    std::filesystem::path output_;
    lab::Process process_;
};

}  // namespace bench
