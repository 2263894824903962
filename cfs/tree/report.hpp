#pragma once
// What a machine has to say: events for the log, and failures with the text an administrator meets.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace cfs {

enum class Severity : std::uint8_t { critical, error, warning, notice, info, debug };

struct Event {
    Severity severity = Severity::notice;
    std::string text;
    bool operator==(const Event&) const = default;
};
using Events = std::vector<Event>;

struct Failure {
    std::string text;
};

// A value, or why there is none.
template <typename T>
class Or {
public:
    Or(T value) : content_(std::move(value)) {}            // NOLINT(google-explicit-constructor)
    Or(Failure failure) : content_(std::move(failure)) {}  // NOLINT(google-explicit-constructor)

    bool ok() const { return content_.index() == 0; }
    explicit operator bool() const { return ok(); }
    T& operator*() { return std::get<0>(content_); }
    const T& operator*() const { return std::get<0>(content_); }
    T* operator->() { return &std::get<0>(content_); }
    const T* operator->() const { return &std::get<0>(content_); }
    const std::string& text() const { return std::get<1>(content_).text; }

private:
    std::variant<T, Failure> content_;
};

}  // namespace cfs
