#include "conformance/store_client/writer.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "conformance/store_client/places.hpp"

namespace store_client {
namespace {

constexpr std::chrono::milliseconds between_tries{20};
constexpr unsigned file_slots = 4;
constexpr unsigned with_very_large_files = 3;  // writers of a node
constexpr std::size_t longest_appended = 60000;

// Of a daemon that was killed, of a cluster without quorum, of one that did not decide in time.
bool leaves_it_open(int error) {
    switch (error) {
        case EACCES:
        case EIO:
        case EINTR:
        case ENODEV:
        case ENOTCONN:
        case ECONNABORTED:
        case ETIMEDOUT:
            return true;
        default:
            return false;
    }
}

}  // namespace

Writer::Writer(const Options& options, History history, const Journal& journal, const std::atomic<bool>& stop)
    : options_(options),
      history_(std::move(history)),
      journal_(journal),
      stop_(stop),
      hands_(options.mount, history_.writer()),
      random_(history_.writer().node * 1000003 + history_.writer().thread * 1009 + history_.last_number()),
      in_touch_(history_.last_number() == 0) {}

void Writer::run() {
    wait_for_store();
    prepare();
    while (!stop_ && (options_.operations == 0 || acknowledged_ < options_.operations))
        work();
}

void Writer::work() {
    const std::size_t choice = random(10);
    if (choice < 6) return change_file(fmt::format("f{}", random(file_slots)));
    if (choice < 7) return change_directory("d0");
    if (choice < 9) return move_guest();
    use_lock();
}

// --- the store ------------------------------------------------------------------------------------------------------

// Nothing tells a client when a file system is mounted.
void Writer::wait_for_store() {
    for (auto life = hands_.life(); !stop_; life = hands_.life()) {
        if (life) {
            life_ = *life;
            return;
        }
        std::this_thread::sleep_for(between_tries);
    }
}

void Writer::prepare() {
    std::vector<std::string> paths = {directory_of(history_.writer()), std::string(top_directory) + "/counters",
                                      "priv/lock"};
    for (unsigned place = 0; place < options_.nodes; ++place)
        paths.push_back(guest_directory(place));
    for (const std::string& path : paths)
        while (!stop_ && hands_.make_directories(path) != 0)
            std::this_thread::sleep_for(between_tries);
}

// True: acknowledged.
bool Writer::perform(const std::string& slot, Action action, unsigned place, unsigned to, std::uint64_t offset,
                     std::size_t size) {
    const Operation operation{history_.last_number() + 1, slot, action, place, to, offset, size};
    journal_.begin(history_.writer().thread, operation);
    history_.begin(operation);
    const Outcome outcome = outcome_of(hands_.perform(operation));
    journal_.end(history_.writer().thread, outcome);
    history_.end(outcome);
    in_touch_ = outcome == Outcome::acknowledged || (in_touch_ && outcome == Outcome::refused);
    if (outcome == Outcome::acknowledged) ++acknowledged_;
    if (outcome == Outcome::unknown) {
        std::this_thread::sleep_for(between_tries);
        wait_for_store();
    }
    return outcome == Outcome::acknowledged;
}

Outcome Writer::outcome_of(int error) const {
    if (error == 0) return Outcome::acknowledged;
    // Without a mount there are no files, and a node that is not in the group yet shows an old tree.
    return leaves_it_open(error) || !in_touch_ || hands_.life() != life_ ? Outcome::unknown : Outcome::refused;
}

// --- files ----------------------------------------------------------------------------------------------------------

std::size_t Writer::random(std::size_t below) {
    return random_() % below;
}

// Most files are small.
std::size_t Writer::size_for(const std::string& slot) {
    const std::size_t choice = random(100);
    if (choice < 75) return smallest_content + random(1000);
    if (choice < 95) return smallest_content + random(4000);
    const bool very_large = slot == "f0" && history_.writer().thread < with_very_large_files;
    const std::size_t largest = very_large ? options_.very_largest : options_.largest;
    return choice == 99 ? largest : smallest_content + random(largest - smallest_content + 1);
}

void Writer::replace(const std::string& slot) {
    constexpr unsigned draft = 1;
    if (perform(slot, Action::empty, draft) && perform(slot, Action::write, draft, 0, 0, size_for(slot)))
        perform(slot, Action::rename, draft, 0);
}

void Writer::change_file(const std::string& slot) {
    const State state = *history_.states(slot).begin();
    const auto file = state.find(0);
    const std::size_t choice = random(10);
    if (!history_.known(slot) || file == state.end() || choice < 4) return replace(slot);
    const std::size_t length = file->second.size();
    if (choice < 6 && length < longest_appended) {
        perform(slot, Action::append, 0, 0, length, smallest_content + random(500));
    } else if (choice < 8) {
        perform(slot, Action::write, 0, 0, length < longest_appended ? random(length + 1) : 0,
                smallest_content + random(500));
    } else if (choice < 9) {
        if (perform(slot, Action::empty)) perform(slot, Action::write, 0, 0, 0, size_for(slot));
    } else {
        perform(slot, Action::remove);
    }
}

void Writer::change_directory(const std::string& slot) {
    const bool there = history_.known(slot) && !history_.states(slot).begin()->empty();
    perform(slot, there ? Action::remove_directory : Action::make_directory);
}

void Writer::move_guest() {
    const std::string slot = "g";
    std::set<unsigned> places;
    for (const State& state : history_.states(slot))
        for (const auto& [place, content] : state)
            places.insert(place);
    if (places.empty()) {
        const auto place = static_cast<unsigned>(random(options_.nodes));
        if (perform(slot, Action::empty, place)) perform(slot, Action::write, place, 0, 0, smallest_content);
        return;
    }
    if (options_.nodes == 1 || (history_.known(slot) && random(4) == 0)) {
        perform(slot, Action::write, *places.begin(), 0, 0, smallest_content);
        return;
    }
    for (const unsigned place : places) {
        const auto to = static_cast<unsigned>((place + 1 + random(options_.nodes - 1)) % options_.nodes);
        if (perform(slot, Action::rename, place, to)) return;
    }
}

}  // namespace store_client
