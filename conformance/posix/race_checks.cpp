// Several threads and processes at once.

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <map>
#include <numeric>
#include <sstream>

#include "conformance/posix/checks.hpp"
#include "conformance/posix/processes.hpp"

namespace posix {
namespace {

constexpr unsigned kMany = 8;

// Everybody tries the same, and one succeeds each time.
void one_winner(Place& at, const char* what, const std::function<int(const std::string&)>& attempt) {
    const unsigned rounds = at.times(60);
    std::vector<std::atomic<int>> winners(rounds);
    in_threads(kMany, [&](unsigned) {
        for (unsigned round = 0; round < rounds; ++round) {
            const int error = attempt(at / fmt::format("{}-{}", what, round));
            at.error(what, error, {0, EEXIST});
            winners[round] += error == 0 ? 1 : 0;
        }
    });
    for (const auto& each : winners)
        at.equal(fmt::format("winners of {}", what), each.load(), 1);
}

void exclusive(Place& at) {
    one_winner(at, "O_EXCL", [](const std::string& path) { return open_error(path, O_RDWR | O_CREAT | O_EXCL); });
    one_winner(at, "mkdir", make_directory);
}

void exclusive_in_processes(Place& at) {
    const unsigned rounds = at.times(20);
    const auto wins = in_processes(kMany, [&](unsigned) {
        int won = 0;
        for (unsigned round = 0; round < rounds; ++round)
            won += open_error(at / std::to_string(round), O_RDWR | O_CREAT | O_EXCL) == 0 ? 1 : 0;
        return won;
    });
    at.equal("wins of all", std::accumulate(wins.begin(), wins.end(), 0U), rounds);
}

void created_by_all(Place& at) {
    const unsigned rounds = at.times(60);
    in_threads(kMany, [&](unsigned) {
        for (unsigned round = 0; round < rounds; ++round)
            at.error("O_CREAT", open_error(at / std::to_string(round), O_RDWR | O_CREAT), 0);
    });
    at.equal("files", names(at.directory()).size(), rounds);
}

void appended(Place& at) {
    const int lines = static_cast<int>(at.times(60));
    const auto line = [](unsigned writer, int i) {
        return fmt::format("{} {} {}\n", writer, i,
                           std::string(20 + (writer * 31 + static_cast<unsigned>(i)) % 200, 'x'));
    };
    put(at / "file", "");
    const auto results = in_processes(kMany, [&](unsigned writer) {
        const auto file = open(at / "file", O_WRONLY | O_APPEND);
        for (int i = 0; i < lines; ++i) {
            const std::string text = line(writer, i);
            if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) return errno;
        }
        return 0;
    });
    for (const int each : results)
        at.error("appending", each, 0);
    std::istringstream text(get(at / "file"));
    std::map<unsigned, int> next;
    for (std::string got; std::getline(text, got);) {
        const auto writer = static_cast<unsigned>(std::strtoul(got.c_str(), nullptr, 10));
        at.content("the next line of a writer", got + "\n", line(writer, next[writer]++));
    }
    for (unsigned writer = 0; writer < kMany; ++writer)
        at.equal("lines of a writer", next[writer], lines);
}

// Looks at a file until the writer has ended.
void while_writing(Place& at, const std::function<void()>& write, const std::function<void()>& look) {
    std::atomic<bool> ended = false;
    std::atomic<int> looks = 0;
    constexpr unsigned kReaders = 2;  // they never pause: more would leave a cluster on one machine no time
    in_threads(1 + kReaders, [&](unsigned thread) {
        if (thread == 0) {
            write();
            ended = true;
        } else {
            for (; !ended; ++looks)
                look();
        }
    });
    at.is_true("somebody has looked", looks > 0);
}

// It is never missing, and never anything but one of its versions.
void replaced(Place& at) {
    const auto version = [](int number) { return std::string(3000, static_cast<char>('a' + number % 26)); };
    put(at / "file", version(0));
    while_writing(
        at,
        [&] {
            for (int i = 1; i <= static_cast<int>(at.times(400)); ++i) {
                const auto new_name = at / fmt::format("new-{}", i);
                at.error("a new version", put(new_name, version(i)), 0);
                at.error("rename", move(new_name, at / "file"), 0);
            }
        },
        [&] {
            const std::string got = get(at / "file");
            at.content("what a reader gets", got, got.empty() ? "a version" : version(got.front() - 'a'));
            at.equal("size it sees", stat_of(at / "file").st_size, 3000);
        });
}

// The same from node to node: only that it is never missing where it is moved to.
void moved_over_by_all(Place& at) {
    put(at / "file", "0");
    in_threads(kMany, [&](unsigned thread) {
        const std::string own = at / fmt::format("own-{}", thread);
        for (unsigned i = 0; i < at.times(40); ++i) {
            at.error("a new version", put(own, std::to_string(thread)), 0);
            at.error("rename", move(own, at / "file"), 0);
            at.equal("size", get(at / "file").size(), 1);
        }
    });
    at.is_true("one file is left", names(at.directory()) == std::vector<std::string>{"file"});
}

// Who reads sees all of a write or nothing.
void written(Place& at) {
    constexpr std::size_t kSize = 60'000;
    put(at / "file", std::string(kSize, '0'));
    while_writing(
        at,
        [&] {
            const auto file = open(at / "file", O_WRONLY);
            for (int i = 1; i <= static_cast<int>(at.times(300)); ++i)
                at.error("write", write_at(file, std::string(kSize, static_cast<char>('0' + i % 10)), 0), 0);
        },
        [&] {
            std::string got(kSize, ' ');
            const auto file = open(at / "file", O_RDONLY);
            at.equal("bytes read", ::pread(file.get(), got.data(), kSize, 0), static_cast<ssize_t>(kSize));
            at.content("one version", got, std::string(kSize, got.front()));
        });
}

void written_in_parts(Place& at) {
    constexpr unsigned kPart = 5000;
    put(at / "file", "");
    in_threads(kMany, [&](unsigned thread) {
        const auto file = open(at / "file", O_WRONLY);
        for (unsigned i = 0; i < kPart; i += 500)
            at.error("write", write_at(file, std::string(500, static_cast<char>('a' + thread)), thread * kPart + i), 0);
    });
    std::string expected;
    for (unsigned thread = 0; thread < kMany; ++thread)
        expected += std::string(kPart, static_cast<char>('a' + thread));
    at.content("all parts", get(at / "file"), expected);
}

// What the tools of PVE do all the time.
void many_writers(Place& at) {
    in_threads(2 * kMany, [&](unsigned writer) {
        for (unsigned i = 0; i < at.times(40); ++i) {
            const std::string name = at / fmt::format("file-{}-{}", writer, i % 5),
                              text = fmt::format("{} {}", writer, i);
            at.error("writing", put(name + ".new", text), 0);
            at.error("renaming", move(name + ".new", name), 0);
            at.content("reading", get(name), text);
        }
    });
    at.equal("files", names(at.directory()).size(), 2 * kMany * 5U);
}

constexpr Check kChecks[] = {
    {"race/exclusive", exclusive},
    {"race/exclusive-in-processes", exclusive_in_processes},
    {"race/created-by-all", created_by_all},
    {"race/appended", appended},
    {"race/replaced", replaced},
    {"race/moved-over-by-all", moved_over_by_all},
    {"race/written", written},
    {"race/written-in-parts", written_in_parts},
    {"race/many-writers", many_writers},
};

}  // namespace

Checks race_checks() {
    return kChecks;
}

}  // namespace posix
