#pragma once
// Why a configuration is refused: the text to print and the exit code. Spec corosync-conf.md
// sections 2, 8, 10 and 14.2.

#include <stdexcept>
#include <string>

namespace engine::config {

inline constexpr int kExitLogging = 7;
inline constexpr int kExitConfiguration = 8;
inline constexpr int kExitStateDirectory = 16;

// what() is complete, prefixes included, without trailing newline.
class Error : public std::runtime_error {
public:
    // `line`: of the file; 0 if it is about none.
    explicit Error(const std::string& text, int exit_code = kExitConfiguration, unsigned line = 0)
        : std::runtime_error(text), exit_code_(exit_code), line_(line) {}
    int exit_code() const { return exit_code_; }
    unsigned line() const { return line_; }

private:
    int exit_code_;
    unsigned line_;
};

// "parse error in config: <text>": what validation finds.
inline Error validation_error(const std::string& text) {
    return Error("parse error in config: " + text);
}

}  // namespace engine::config
