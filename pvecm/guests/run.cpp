#include "pvecm/guests/run.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "pvecm/error.hpp"
#include "pvecm/guests/workers.hpp"
#include "pvecm/host/process.hpp"
#include "pvecm/host/store.hpp"

namespace pvecm::guests {
namespace {

constexpr long kPauseAfterMachine = 3;                   // seconds, unless it says otherwise
constexpr long kMachineDown = 180, kContainerDown = 60;  // the same
constexpr long kGrace = 10;                              // for a command that does not keep its own limit

void say(const std::string& text) {
    fmt::print("{}\n", text);
    std::fflush(stdout);
}

std::string name_of(const Guest& guest) {
    return fmt::format("{} {}", short_name(guest.kind), guest.id);
}

// False, and said, if it failed.
bool succeeds(const Words& command, const std::string& what) {
    Finished done;
    try {
        done = run_captured(command);
    } catch (const Error& error) {
        done = {.status = -1, .out = {}, .err = error.what()};
    }
    if (done.ok()) return true;
    std::string why = done.err.empty() ? done.out : done.err;
    while (why.ends_with('\n'))
        why.pop_back();
    if (why.empty()) why = fmt::format("'{}' ended with status {}", joined(command), done.status);
    fmt::print(stderr, "{} failed: {}\n", what, why);
    return false;
}

void pause_after(const Guest& guest) {
    const long pause = guest.up.value_or(guest.kind == Kind::machine ? kPauseAfterMachine : 0);
    if (guest.up && pause > 0) say(fmt::format("Waiting for {} seconds (startup delay)", pause));
    std::this_thread::sleep_for(std::chrono::seconds(pause));
}

// Asked to end, and if it does not, made to.
bool stop(const Commands& commands, const Guest& guest) {
    const std::string what = fmt::format("Stopping {}", name_of(guest));
    const long limit = guest.down.value_or(guest.kind == Kind::machine ? kMachineDown : kContainerDown);
    Words command = {"timeout", std::to_string(limit + kGrace)};
    for (const std::string& word : commands.shut_down(guest, limit))
        command.push_back(word);
    if (succeeds(command, what) && !commands.running(guest)) return true;
    say(fmt::format("{} by force", what));
    return succeeds(commands.stop(guest), what);
}

}  // namespace

std::vector<std::vector<Guest>> by_order(const std::vector<Guest>& plan) {
    std::vector<std::vector<Guest>> result;
    for (const Guest& guest : plan) {
        if (result.empty() || result.back().front().order != guest.order) result.emplace_back();
        result.back().push_back(guest);
    }
    return result;
}

bool start_all(const Paths& paths, const Commands& commands, const std::vector<Guest>& plan, std::size_t workers) {
    std::atomic<bool> fine = true;
    const auto starts = [&](const Guest& guest) {
        const std::string what = fmt::format("Starting {}", name_of(guest));
        say(what);
        if (succeeds(commands.start(guest), what)) return true;
        return fine = false;
    };
    for (const auto& guests : by_order(plan)) {
        Workers running(workers);
        for (const Guest& guest : guests) {
            require_quorum(paths);
            if (commands.running(guest)) continue;
            // The pause follows a start that is over, or where they overlap, its beginning.
            if (workers == 1) {
                if (!starts(guest)) continue;
            } else {
                running.begin([&starts, guest] { starts(guest); });
            }
            pause_after(guest);
        }
    }
    return fine;
}

bool stop_all(const Commands& commands, const std::vector<Guest>& plan, std::size_t workers) {
    std::atomic<bool> fine = true;
    for (const auto& guests : by_order(plan)) {
        Workers running(workers);
        for (const Guest& guest : guests) {
            running.begin([&, guest] {
                if (!commands.running(guest)) return;
                say(fmt::format("Stopping {}", name_of(guest)));
                if (!stop(commands, guest)) fine = false;
            });
        }
    }
    return fine;
}

}  // namespace pvecm::guests
