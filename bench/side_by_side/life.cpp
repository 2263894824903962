#include "bench/side_by_side/life.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <list>
#include <thread>

#include "bench/side_by_side/usage.hpp"

namespace bench {
namespace {

using lab::Clock;
using lab::milliseconds;
using lab::Nodes;

// Clients that print every membership of the ring.
class Watchers {
public:
    explicit Watchers(Ring& ring) : ring_(ring), null_(lab::open_file("/dev/null", O_RDWR)) {}

    void start(unsigned node) {
        std::erase_if(all_, [&](const Watcher& watcher) { return watcher.node == node; });
        auto [from, to] = lab::make_pipe();
        auto process = ring_.laboratory().spawn(node, {lab::beside_us("cpg-bench"), "--role", "watch"},
                                                {.in = null_.get(), .out = to.get(), .err = null_.get()});
        all_.push_back({node, std::move(process), std::move(from), "", {}, {}});
    }

    // Milliseconds from `begin` until all of these members have told their clients that they are the members.
    double wait(const Nodes& members, Clock::time_point begin) {
        const auto deadline = Clock::now() + milliseconds(120000);
        while (!agreed(members)) {
            const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
            if (left.count() <= 0 || !read(static_cast<int>(left.count())))
                throw lab::LabError(fmt::format("{}: no ring of nodes {} in time:\n{}", ring_.contestant().name(),
                                                fmt::join(members, " "), ring_.explain()));
        }
        auto last = begin;
        for (const auto& watcher : all_) {
            if (std::find(members.begin(), members.end(), watcher.node) != members.end())
                last = std::max(last, watcher.at);
        }
        return std::chrono::duration<double, std::milli>(last - begin).count();
    }

private:
    struct Watcher {
        unsigned node = 0;
        lab::Process process;
        lab::FileDescriptor output;
        std::string partial;  // line
        Nodes members;        // of the last line
        Clock::time_point at;
    };

    bool agreed(const Nodes& members) const {
        return std::all_of(members.begin(), members.end(), [&](unsigned node) {
            return std::any_of(all_.begin(), all_.end(), [&](const Watcher& watcher) {
                return watcher.node == node && watcher.members == members;
            });
        });
    }

    bool read(int limit) {
        std::vector<pollfd> polled;
        for (const auto& watcher : all_)
            polled.push_back({watcher.output.get(), POLLIN, 0});
        if (::poll(polled.data(), polled.size(), limit) <= 0) return false;
        std::size_t i = 0;
        for (auto& watcher : all_) {
            if (polled[i++].revents != 0) read(watcher);
        }
        return true;
    }

    static void read(Watcher& watcher) {
        char buffer[4096];
        const auto length = ::read(watcher.output.get(), buffer, sizeof buffer);
        if (length <= 0) return watcher.output.reset();  // its engine has ended
        watcher.partial.append(buffer, static_cast<std::size_t>(length));
        for (auto end = watcher.partial.find('\n'); end != std::string::npos; end = watcher.partial.find('\n')) {
            const auto line = nlohmann::json::parse(watcher.partial.substr(0, end));
            watcher.partial.erase(0, end + 1);
            watcher.members = line.at("members").get<Nodes>();
            std::sort(watcher.members.begin(), watcher.members.end());
            watcher.at = Clock::time_point(std::chrono::nanoseconds(line.at("at_ns").get<std::int64_t>()));
        }
    }

    Ring& ring_;
    lab::FileDescriptor null_;
    std::list<Watcher> all_;
};

}  // namespace

Figures measure_idle(Ring& ring, const Conditions& conditions) {
    const auto begin = Clock::now();
    const auto tokens = ring.tokens();
    const double used = ring.processor_seconds();
    const auto used_at = Clock::now();
    std::this_thread::sleep_for(std::chrono::duration<double>(conditions.idle_seconds));
    const double seconds = std::chrono::duration<double>(Clock::now() - used_at).count();
    const auto nodes = static_cast<double>(ring.size());
    Figures figures = {{"cpu_percent", (ring.processor_seconds() - used) / seconds / nodes * 100}};
    const auto more = ring.tokens();
    if (tokens && more > tokens)
        figures["rotation_us"] = std::chrono::duration<double, std::micro>(Clock::now() - begin).count() /
                                 static_cast<double>(*more - *tokens);
    for (const auto node : ring.laboratory().all()) {
        const Memory memory = memory_of(ring.daemon(node));
        figures["pss_mb"] += memory.pss / nodes / 1e6;
        figures["rss_mb"] += memory.rss / nodes / 1e6;
    }
    return figures;
}

Figures measure_views(Ring& ring) {
    auto& laboratory = ring.laboratory();
    const Nodes all = laboratory.all();
    const unsigned last = all.back();
    const Nodes others(all.begin(), all.end() - 1);
    Watchers watchers(ring);
    Figures figures;
    const auto start = [&](const Nodes& nodes, const char* figure) {
        const auto begin = Clock::now();
        laboratory.start(nodes);
        for (const auto node : nodes)
            watchers.start(node);
        figures[figure] = watchers.wait(all, begin);
    };
    laboratory.kill(all);
    start(all, "form_ms");
    if (others.empty()) return figures;

    auto begin = Clock::now();
    laboratory.kill(last);
    figures["kill_ms"] = watchers.wait(others, begin);
    start({last}, "rejoin_ms");
    begin = Clock::now();
    laboratory.stop(last);
    figures["leave_ms"] = watchers.wait(others, begin);
    ring.start();
    return figures;
}

}  // namespace bench
