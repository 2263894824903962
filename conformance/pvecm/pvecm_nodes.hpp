#pragma once
// Nodes of a laboratory as machines that an administrator has just installed: each with its own /etc, /root, store,
// root password, host key and sshd, and pvecm to make a cluster of them. pvecm starts the engines, not the laboratory.
// Errors are LabError.

#include <string>

#include "conformance/lab/lab.hpp"

namespace lab {

class PvecmNodes {
public:
    explicit PvecmNodes(Lab& laboratory) : lab_(laboratory) {}

    // With that engine; all programs end with the laboratory.
    void install(unsigned node, DaemonKind engine = DaemonKind::totemd);

    Finished pvecm(unsigned node, Arguments words) const;
    Finished run(unsigned node, const Arguments& command) const;
    // Ends it with SIGKILL as soon as it has printed that text. False if it came to its end before.
    bool interrupt(unsigned node, Arguments words, const std::string& when) const;
    // What ends its engine and store, as switching it off does.
    void switch_off(unsigned node) const;
    std::string read(unsigned node, const std::string& file) const;  // "" if there is none

private:
    Arguments with_environment(Arguments command) const;

    Lab& lab_;
};

}  // namespace lab
