#include "tests/sim/runner.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace totem::sim {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxJobs = 256;

// Shared by parent and workers.
struct Board {
    struct Desk {
        std::atomic<std::uint64_t> seed{0}, runs{0};
        std::atomic<bool> busy{false};
    };
    std::atomic<std::uint64_t> next{0}, done{0}, voids{0}, events{0};
    std::atomic<bool> stop{false};
    Desk desks[kMaxJobs];
};

class SharedBoard {
public:
    SharedBoard() {
        void* memory = ::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
        board_ = new (memory) Board;
    }
    ~SharedBoard() { ::munmap(board_, sizeof(Board)); }
    SharedBoard(const SharedBoard&) = delete;
    SharedBoard& operator=(const SharedBoard&) = delete;
    Board* operator->() { return board_; }
    Board& operator*() { return *board_; }

private:
    Board* board_;
};

// A line per failure, short enough that pipes keep it in one piece.
void say(int fd, const Failure& failure) {
    std::string line = fmt::format("{} {} {}", failure.seed, failure.rule, failure.text);
    for (char& c : line)
        if (c == '\n') c = ' ';
    line.resize(std::min<std::size_t>(line.size(), PIPE_BUF - 1));
    line += '\n';
    if (::write(fd, line.data(), line.size()) < 0) ::_exit(3);
}

std::string one_word(std::string text) {
    for (char& c : text)
        if (c == ' ') c = '-';
    return text;
}

[[noreturn]] void work(Board& board, Board::Desk& desk, const Campaign& campaign, int fd) {
    for (;;) {
        const std::uint64_t seed = board.next.fetch_add(1);
        if (seed > campaign.last || board.stop) ::_exit(0);
        desk.seed = seed;
        desk.busy = true;
        const Report report = campaign.run(seed, 0, {});
        if (report.outcome.violation)
            say(fd, {seed, one_word(report.outcome.violation->rule), report.outcome.violation->text});
        desk.busy = false;
        ++desk.runs;
        board.events += report.outcome.events;
        board.voids += report.outcome.void_run;
        ++board.done;
    }
}

class Manager {
public:
    Manager(const Campaign& campaign, const std::function<void(const Progress&)>& on_progress,
            const std::function<void(const Failure&)>& on_failure)
        : campaign_(campaign), on_progress_(on_progress), on_failure_(on_failure) {
        campaign_.jobs = std::min<unsigned>(std::max(1u, campaign.jobs), kMaxJobs);
        board_->next = campaign_.first;
        summary_.progress.total = campaign_.last - campaign_.first + 1;
        if (::pipe(pipe_) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    }
    ~Manager() {
        ::close(pipe_[0]);
        ::close(pipe_[1]);
    }
    Manager(const Manager&) = delete;
    Manager& operator=(const Manager&) = delete;

    Summary run() {
        workers_.resize(campaign_.jobs);
        for (unsigned i = 0; i < campaign_.jobs; ++i)
            hire(i);
        while (running_ > 0) {
            listen(200);
            look_after();
            report();
        }
        listen(0);
        report();
        return std::move(summary_);
    }

private:
    struct Worker {
        pid_t pid = 0;
        std::uint64_t runs_seen = 0;
        Clock::time_point since = Clock::now();
    };

    void hire(unsigned i) {
        const pid_t pid = ::fork();
        if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
        if (pid == 0) work(*board_, board_->desks[i], campaign_, pipe_[1]);
        workers_[i] = {pid, board_->desks[i].runs, Clock::now()};
        ++running_;
    }

    void listen(int milliseconds) {
        pollfd waiting{pipe_[0], POLLIN, 0};
        while (::poll(&waiting, 1, milliseconds) > 0) {
            char buffer[65536];
            const ssize_t n = ::read(pipe_[0], buffer, sizeof buffer);
            if (n <= 0) return;
            input_.append(buffer, static_cast<std::size_t>(n));
            for (std::size_t end; (end = input_.find('\n')) != std::string::npos; input_.erase(0, end + 1))
                understand(input_.substr(0, end));
            milliseconds = 0;
        }
    }

    void understand(const std::string& line) {
        const std::size_t a = line.find(' '), b = line.find(' ', a + 1);
        if (a == std::string::npos || b == std::string::npos) return;
        fail({std::stoull(line.substr(0, a)), line.substr(a + 1, b - a - 1), line.substr(b + 1)});
    }

    void fail(Failure failure) {
        if (campaign_.stop_at_first) board_->stop = true;
        ++summary_.progress.failed;
        on_failure_(failure);
        summary_.failures.push_back(std::move(failure));
    }

    void look_after() {
        for (unsigned i = 0; i < workers_.size(); ++i) {
            Worker& worker = workers_[i];
            if (worker.pid == 0) continue;
            Board::Desk& desk = board_->desks[i];
            if (const std::uint64_t runs = desk.runs; runs != worker.runs_seen)
                worker.runs_seen = runs, worker.since = Clock::now();
            const bool hangs = Clock::now() - worker.since > std::chrono::seconds(campaign_.hang_seconds);
            if (hangs) ::kill(worker.pid, SIGKILL);
            int status = 0;
            if (::waitpid(worker.pid, &status, hangs ? 0 : WNOHANG) != worker.pid) continue;
            worker.pid = 0;
            --running_;
            if (WIFEXITED(status) && WEXITSTATUS(status) == 0) continue;
            bury(desk, status, hangs);
            if (!board_->stop) hire(i);
        }
    }

    void bury(Board::Desk& desk, int status, bool hung) {
        const std::string how = WIFSIGNALED(status)
                                    ? fmt::format("signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)))
                                    : fmt::format("exit code {}", WEXITSTATUS(status));
        if (desk.busy.exchange(false)) {
            ++board_->done;
            fail({desk.seed, hung ? "hang" : "crash", how});
        }
    }

    void report() {
        Progress& progress = summary_.progress;
        progress.done = board_->done;
        progress.voids = board_->voids;
        progress.events = board_->events;
        progress.seconds = std::chrono::duration<double>(Clock::now() - began_).count();
        on_progress_(progress);
    }

    Campaign campaign_;
    const std::function<void(const Progress&)>& on_progress_;
    const std::function<void(const Failure&)>& on_failure_;
    SharedBoard board_;
    int pipe_[2] = {-1, -1};
    std::vector<Worker> workers_;
    unsigned running_ = 0;
    std::string input_;
    Summary summary_;
    Clock::time_point began_ = Clock::now();
};

}  // namespace

Report run_seed(std::uint64_t seed, std::size_t keep, const Trace::Sink& sink) {
    Trace trace;
    if (keep > 0) trace.keep_last(keep);
    if (sink) trace.print_to(sink);
    Report report;
    report.seed = seed;
    report.outcome = World(make_scenario(seed), trace).run();
    report.lines.assign(trace.last_lines().begin(), trace.last_lines().end());
    return report;
}

std::string describe(const Report& report) {
    const auto& violation = report.outcome.violation;
    std::string text = fmt::format("seed {}: ", report.seed);
    if (!violation)
        return text + (report.outcome.void_run ? "says nothing (a ring id was reused after a lost file)" : "ok");
    text += fmt::format("{} broken, nodes {}: {}\n", violation->rule, violation->nodes, violation->text);
    for (const std::string& line : report.lines)
        text += line + '\n';
    return text;
}

Summary run_campaign(const Campaign& campaign, const std::function<void(const Progress&)>& on_progress,
                     const std::function<void(const Failure&)>& on_failure) {
    return Manager(campaign, on_progress, on_failure).run();
}

}  // namespace totem::sim
