#pragma once
// Why a command ends: what() is printed on standard error, without trailing newline.

#include <stdexcept>
#include <string>

namespace pvecm {

inline constexpr int kExitFailure = 255;

class Error : public std::runtime_error {
public:
    explicit Error(const std::string& text, int status = kExitFailure)
        : std::runtime_error(text), status_(status > 0 ? status : kExitFailure) {}
    int status() const { return status_; }

private:
    int status_;
};

}  // namespace pvecm
