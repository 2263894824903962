#include "tools/omping/qualify/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <numeric>

namespace tools::omping::qualify {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kWidth = 24;

Duration sum(const std::vector<Duration>& of, std::size_t first, std::size_t last) {
    return std::accumulate(of.begin() + static_cast<std::ptrdiff_t>(std::min(first, of.size())),
                           of.begin() + static_cast<std::ptrdiff_t>(std::min(last, of.size())), Duration::zero());
}

}  // namespace

Progress::Progress(std::vector<Duration> phases) : phases_(std::move(phases)), terminal_(isatty(STDERR_FILENO) == 1) {}

void Progress::begin(const std::string& text) {
    ++current_;
    text_ = text;
    begun_ = std::chrono::steady_clock::now();
    if (!terminal_) return note(text);
    draw();
}

void Progress::note(const std::string& text) {
    clear();
    fmt::print(stderr, "{}\n", text);
}

void Progress::update() {
    if (terminal_ && std::chrono::steady_clock::now() - drawn_ >= 200ms) draw();
}

void Progress::draw() {
    drawn_ = std::chrono::steady_clock::now();
    const Duration all = sum(phases_, 0, phases_.size());
    const Duration own = sum(phases_, current_ - 1, current_);
    const Duration done = sum(phases_, 0, current_ - 1) + std::min(own, Duration(drawn_ - begun_));
    const double share = all == 0s ? 1 : static_cast<double>(done.count()) / static_cast<double>(all.count());
    const auto full = static_cast<std::size_t>(share * kWidth);
    fmt::print(stderr, "\r\033[K[{}{}] {:3.0f} %  {} left  {}", std::string(full, '#'), std::string(kWidth - full, '.'),
               share * 100, duration_text(all - done), text_);
    std::fflush(stderr);
    shown_ = true;
}

void Progress::clear() {
    if (shown_) fmt::print(stderr, "\r\033[K");
    std::fflush(stderr);
    shown_ = false;
}

void Progress::end() {
    clear();
    terminal_ = false;
}

std::string duration_text(Duration time) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(time).count();
    return seconds < 60 ? fmt::format("{} s", seconds) : fmt::format("{}:{:02} min", seconds / 60, seconds % 60);
}

}  // namespace tools::omping::qualify
