#include "conformance/posix/place.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace posix {
namespace {

namespace fs = std::filesystem;

void make_directories(const std::string& path) {
    std::error_code error;
    fs::create_directories(path, error);
    if (error) throw std::system_error(error, path);
}

std::string shown(std::string_view text) {
    constexpr std::size_t kMost = 40;
    std::string out = fmt::format("{} bytes \"", text.size());
    for (const char each : text.substr(0, kMost))
        out += each >= ' ' && each <= '~' ? std::string(1, each) : fmt::format("\\x{:02x}", each & 0xff);
    return out + (text.size() > kMost ? "\"..." : "\"");
}

}  // namespace

Place::Place(const Store& store, std::string_view check)
    : store_(store), label_(check), directory_(store.mount + "/" + store.name) {
    std::ranges::replace(label_, '/', '-');
    directory_ += "/" + label_;
    make_directories(directory_);
}

Place::~Place() {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
    for (const auto& each : elsewhere_)
        fs::remove_all(each, ignored);
    fs::remove(store_.mount + "/" + store_.name, ignored);
}

std::string Place::elsewhere(std::string_view parent) {
    elsewhere_.push_back(
        fmt::format("{}/{}/{}-{}-{}", store_.mount, parent, store_.name, label_, elsewhere_.size() + 1));
    make_directories(elsewhere_.back());
    return elsewhere_.back();
}

void Place::error(std::string_view what, int got, std::initializer_list<int> wanted) {
    if (std::ranges::find(wanted, got) != wanted.end()) return;
    std::string names;
    for (const int each : wanted)
        names += (names.empty() ? "" : " or ") + error_name(each);
    problem(fmt::format("{}: {}, should be {}", what, error_name(got), names));
}

void Place::content(std::string_view what, std::string_view got, std::string_view wanted) {
    if (got == wanted) return;
    const auto [at, other] = std::ranges::mismatch(got, wanted);
    problem(fmt::format("{}: {}, should be {}, different from byte {} on", what, shown(got), shown(wanted),
                        at - got.begin()));
}

void Place::problem(std::string what) {
    const std::lock_guard lock(mutex_);
    problems_.push_back(std::move(what));
}

std::vector<std::string> Place::problems() const {
    const std::lock_guard lock(mutex_);
    return problems_;
}

}  // namespace posix
