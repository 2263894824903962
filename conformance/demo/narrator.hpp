#pragma once
// Tells the demonstration's story on standard output and keeps the tally of what should be so and is not.

#include <functional>
#include <string>

#include "conformance/lab/lab.hpp"

namespace demo {

class Narrator {
public:
    void scene(const std::string& title);
    void say(const std::string& text);
    // Prints whether something that has to be so is so.
    bool check(bool so, const std::string& what);
    unsigned failures() const { return failures_; }

    // Shows that it is waiting, with the seconds; returns how long it took, or nothing if the limit was over.
    std::optional<lab::milliseconds> wait(const std::string& what, lab::milliseconds limit,
                                          const std::function<bool()>& done);

private:
    unsigned scenes_ = 0, failures_ = 0;
};

std::string in_seconds(lab::milliseconds time);  // "3.6 s"

}  // namespace demo
