#pragma once
// Why the program ends before its time. Spec omping.md sections 8 and 9.

#include <stdexcept>
#include <string>

namespace tools::omping {

inline constexpr int kExitUsage = 1, kExitNetwork = 2, kExitInternal = 3;

// what() goes to standard error behind "omping: "; with `usage` the usage text follows on standard output.
class Failure : public std::runtime_error {
public:
    explicit Failure(const std::string& text, int status = kExitUsage, bool usage = false)
        : std::runtime_error(text), status_(status), usage_(usage) {}
    int status() const { return status_; }
    bool usage() const { return usage_; }

private:
    int status_;
    bool usage_;
};

inline Failure usage_failure(const std::string& text) {
    return Failure(text, kExitUsage, true);
}

}  // namespace tools::omping
