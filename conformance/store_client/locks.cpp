// The writers' locks: directories that only one can make. Whoever has one is alone in what follows, on all nodes: a
// lock of the operating system, which the nodes of a laboratory share, must be free then, and the counter in the store
// must be what the last holder made it.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include "conformance/store_client/places.hpp"
#include "conformance/store_client/writer.hpp"

namespace store_client {
namespace {

constexpr const char* unsure = "?";

std::string whole_text(int fd) {
    std::array<char, 64> buffer;
    const ssize_t length = ::pread(fd, buffer.data(), buffer.size(), 0);
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0))};
}

void set_text(int fd, const std::string& text) {
    lab::check(::ftruncate(fd, 0), "cannot clear what holders of locks share");
    lab::check(static_cast<int>(::pwrite(fd, text.data(), text.size(), 0)), "cannot write what holders of locks share");
}

std::string one_more(const std::string& number) {
    unsigned long value = 0;
    std::from_chars(number.data(), number.data() + number.size(), value);
    return std::to_string(value + 1);
}

}  // namespace

void Writer::use_lock() {
    if (options_.locks == 0) return;
    const std::string lock = fmt::format("l{}-{}", options_.run, random(options_.locks));
    if (!perform(lock, Action::make_directory)) return;
    in_lock(lock);
    // With an outcome that is unknown it may be another one's by now: it is not tried again.
    perform(lock, Action::remove_directory);
}

void Writer::in_lock(const std::string& lock) {
    const auto plain = lab::open_file(options_.folder / lock, O_RDWR | O_CREAT, 0644);
    if (::flock(plain.get(), LOCK_EX | LOCK_NB) != 0)
        return journal_.violation(history_.writer().thread, fmt::format("has {} together with another one", lock));
    compare_counter(lock, plain.get());
}

void Writer::compare_counter(const std::string& lock, int plain) {
    const std::string counter = counter_of(lock), expected = whole_text(plain);
    const auto found = hands_.read(counter);
    if (hands_.life() != life_) return;
    if (!expected.empty() && expected != unsure && found != expected)
        journal_.violation(history_.writer().thread, fmt::format("reads {} in the counter of {}, which is {}",
                                                                 found.value_or("nothing"), lock, expected));
    const std::string next = one_more(expected == unsure || expected.empty() ? found.value_or("0") : expected);
    set_text(plain, unsure);
    if (hands_.replace(counter, next, random(2) == 0) == 0) set_text(plain, next);
}

}  // namespace store_client
