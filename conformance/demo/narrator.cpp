#include "conformance/demo/narrator.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace demo {

namespace {

bool to_terminal() {
    static const bool terminal = ::isatty(STDOUT_FILENO) == 1;
    return terminal;
}

}  // namespace

std::string in_seconds(lab::milliseconds time) {
    return fmt::format("{:.2f} s", static_cast<double>(time.count()) / 1000);
}

void Narrator::scene(const std::string& title) {
    fmt::print("\n{}. {}\n", ++scenes_, title);
    std::fflush(stdout);
}

void Narrator::say(const std::string& text) {
    fmt::print("   {}\n", text);
    std::fflush(stdout);
}

bool Narrator::check(bool so, const std::string& what) {
    fmt::print("   {} {}\n", so ? "[ok]" : "[NOT SO]", what);
    std::fflush(stdout);
    if (!so) ++failures_;
    return so;
}

std::optional<lab::milliseconds> Narrator::wait(const std::string& what, lab::milliseconds limit,
                                                const std::function<bool()>& done) {
    const auto begin = lab::Clock::now();
    const auto elapsed = [&] { return std::chrono::duration_cast<lab::milliseconds>(lab::Clock::now() - begin); };
    if (!to_terminal()) fmt::print("   ... {}\n", what);
    lab::milliseconds shown{-1000};
    const bool so = lab::wait_until(limit, [&] {
        if (done()) return true;
        if (to_terminal() && elapsed() - shown >= lab::milliseconds(200)) {
            shown = elapsed();
            fmt::print("\r   ... {} ({:.1f} s)", what, static_cast<double>(shown.count()) / 1000);
            std::fflush(stdout);
        }
        return false;
    });
    const auto took = elapsed();
    if (to_terminal()) fmt::print("\r\033[K");
    if (!so) return std::nullopt;
    return took;
}

}  // namespace demo
