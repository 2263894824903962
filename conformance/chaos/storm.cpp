#include "conformance/chaos/storm.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

#include "conformance/chaos/clients.hpp"

namespace chaos {
namespace {

constexpr unsigned kGroups = 8;

volatile std::sig_atomic_t told_to_end = 0;

struct Client {
    pid_t pid = 0;
    bool stopped = false;
};

class Storm {
public:
    explicit Storm(const StormOptions& options) : options_(options), random_(options.seed), clients_(options.clients) {
        void* memory = ::mmap(nullptr, sizeof(Tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) throw std::runtime_error("no shared memory");
        tally_ = new (memory) Tally{};
    }

    void run() {
        const auto end = std::chrono::steady_clock::now() + options_.duration;
        const auto pause = std::chrono::microseconds(1'000'000 / std::max(1U, options_.events_per_second));
        auto next = std::chrono::steady_clock::now();
        std::signal(SIGTERM, [](int) { told_to_end = 1; });
        while (next < end && told_to_end == 0) {
            collect();
            something_happens();
            next += pause;
            std::this_thread::sleep_until(next);
        }
        for (const Client& client : clients_) {
            if (client.pid > 0) ::kill(client.pid, SIGKILL);
        }
        for (Client& client : clients_) {
            if (client.pid > 0) ::waitpid(client.pid, nullptr, 0);
            client = {};
        }
    }

    void report() const {
        fmt::print(
            "{{\"spawned\": {}, \"killed\": {}, \"stopped\": {}, \"continued\": {}, \"ended\": {}, \"connected\": {}, "
            "\"refused\": {}, \"sent\": {}, \"delivered\": {}, \"try_again\": {}, \"calls\": {}, \"notified\": {}, "
            "\"broken\": {}}}\n",
            spawned_, killed_, stops_, continued_, ended_, tally_->connected.load(), tally_->refused.load(),
            tally_->sent.load(), tally_->delivered.load(), tally_->try_again.load(), tally_->calls.load(),
            tally_->notified.load(), tally_->broken.load());
        std::fflush(stdout);
    }

private:
    // An empty place is filled; else its client is stopped, let go on, or killed.
    void something_happens() {
        Client& client = clients_[random_() % clients_.size()];
        const auto empty = std::find_if(clients_.begin(), clients_.end(), [](const Client& c) { return c.pid == 0; });
        if (empty != clients_.end()) spawn(*empty);
        if (client.pid == 0) return;
        if (client.stopped && random_() % 4 != 0) {
            ::kill(client.pid, SIGCONT);
            client.stopped = false;
            ++continued_;
        } else if (random_() % 3 == 0) {
            ::kill(client.pid, SIGKILL);
            ++killed_;
        } else if (!client.stopped) {
            ::kill(client.pid, SIGSTOP);
            client.stopped = true;
            ++stops_;
        }
    }

    void spawn(Client& client) {
        const auto seed = static_cast<std::uint32_t>(random_());
        const pid_t parent = ::getpid();
        const pid_t pid = ::fork();
        if (pid < 0) throw std::runtime_error("cannot fork");
        if (pid == 0) {
            // Never outlives the storm, however that ends.
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            std::signal(SIGTERM, SIG_DFL);
            if (::getppid() == parent) live(seed);
            std::_Exit(0);
        }
        client = {pid, false};
        ++spawned_;
    }

    void live(std::uint32_t seed) {
        std::mt19937 random(seed);
        // libcpg says on standard error when it has to wait.
        if (std::freopen("/dev/null", "w", stderr) == nullptr) return;
        switch (random() % 10) {
            case 0:
                return change_keys(*tally_, random);
            case 1:
                return track_keys(*tally_);
            case 2:
                return track_quorum(*tally_);
            case 3:
                return track_votes(*tally_);
            case 4:
                return ask_cfg(*tally_);
            default:
                return flood_group(fmt::format("chaos-{}", random() % kGroups), *tally_, random);
        }
    }

    // Whoever has ended leaves an empty place.
    void collect() {
        for (;;) {
            const pid_t pid = ::waitpid(-1, nullptr, WNOHANG);
            if (pid <= 0) return;
            const auto found =
                std::find_if(clients_.begin(), clients_.end(), [pid](const Client& c) { return c.pid == pid; });
            if (found == clients_.end()) continue;
            *found = {};
            ++ended_;
        }
    }

    const StormOptions options_;
    std::mt19937 random_;
    std::vector<Client> clients_;
    Tally* tally_;
    std::uint64_t spawned_ = 0, killed_ = 0, stops_ = 0, continued_ = 0, ended_ = 0;
};

}  // namespace

void run_storm(const StormOptions& options) {
    Storm storm(options);
    storm.run();
    storm.report();
}

}  // namespace chaos
