#include "tools/omping/ping.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>

#include "tools/common/program.hpp"
#include "tools/omping/net.hpp"
#include "tools/omping/print.hpp"
#include "tools/omping/trace.hpp"
#include "tools/omping/wait.hpp"

namespace tools::omping {
namespace {

using namespace std::chrono_literals;

NodeSettings settings_of(const Options& options, const Selection& hosts) {
    NodeSettings out;
    out.client.group = out.server.group = hosts.group;
    out.client.interval = options.interval;
    out.client.count = options.count;
    out.client.duplicate_slots = options.duplicates ? DuplicateRing::slots_for(options.interval) : 0;
    out.client.ask_version = options.show_version > 1;
    out.server.ttl = options.ttl;
    out.server.rate_limit = options.server_interval();
    out.server.information = information();
    out.serves = !options.client_only;
    out.port = options.port.value_or(kDefaultPort);
    return out;
}

class Ping final : NodeObserver {
public:
    Ping(const Options& options, const Selection& hosts)
        : options_(options),
          hosts_(hosts),
          text_(options, hosts.remotes, hosts.group),
          sockets_(options, hosts, options.port.value_or(kDefaultPort)),
          trace_(sockets_, options.verbose > 2, tools::complain),
          node_(settings_of(options, hosts), hosts.remotes, random_bytes, port(), *this),
          waiter_(sockets_) {
        sockets_.join();
        waiter_.received = [this](const Reception& reception) {
            if (traced()) trace_.received(reception);
            node_.receive(reception, clock_now);
        };
        waiter_.asked_for_summary = [this] {
            if (finishing_) return;
            summary();
            fmt::print("\n");
        };
    }

    void run() {
        const Instant start = clock_now().monotonic;
        Instant next = start;
        while (!over(start)) {
            for (std::size_t host = 0; host < node_.size(); ++host)
                node_.tick(host, clock_now());
            // Without catching up what was late, as the peers admit no more than their rate.
            next = std::max(next + options_.interval, clock_now().monotonic);
            receive_until(std::min(next, end(start)));
        }
        options_.show_version > 1 ? versions() : summary();
    }

    // Answers with "stop" for a while, so that the others end, too.
    void finish() {
        const milliseconds wait = options_.finishing_wait();
        if (hosts_.single || options_.client_only || wait == 0ms) return;
        finishing_ = true;
        node_.finish();
        waiter_.clear_interrupts();
        if (options_.verbose > 0) {
            complain(fmt::format("Waiting for {} ms to inform other nodes about instance exit", wait.count()));
        }
        const Instant end = wait < 0ms ? totem::kNever : clock_now().monotonic + wait;
        while (!waiter_.interrupted() && clock_now().monotonic < end)
            waiter_.wait(end);
    }

private:
    bool traced() const { return options_.verbose > 1; }
    NodePort& port() { return traced() ? static_cast<NodePort&>(trace_) : sockets_; }

    void waiting(std::size_t host) override { state(text_.waiting(node_.remote(host))); }
    void joined(std::size_t host) override { state(text_.joined(node_.remote(host))); }
    void stopped(std::size_t host, StopReason reason) override { state(text_.stopped(node_.remote(host), reason)); }
    void replied(std::size_t host, const Reply& reply) override {
        if (options_.quiet == 0) fmt::print("{}", text_.reply(node_.remote(host), node_.client(host), reply));
    }
    void state(const std::string& line) const {
        if (options_.quiet < 2) fmt::print("{}", line);
    }

    Instant end(Instant start) const { return options_.duration == 0ms ? totem::kNever : start + options_.duration; }

    bool over(Instant start) const {
        return waiter_.interrupted() || clock_now().monotonic >= end(start) || (node_.all_stopped() && !options_.stay);
    }

    void receive_until(Instant deadline) {
        if (options_.interval == 0ms) {
            // As fast as the answers come, and a query each millisecond where none does.
            waiter_.wait(clock_now().monotonic + 1ms);
            return;
        }
        while (!waiter_.interrupted() && waiter_.wait(deadline)) {
        }
    }

    void summary() const {
        fmt::print("\n");
        for (std::size_t host = 0; host < node_.size(); ++host)
            fmt::print("{}", text_.summary(node_.remote(host), node_.client(host)));
    }

    void versions() const {
        fmt::print("\n");
        for (std::size_t host = 0; host < node_.size(); ++host)
            fmt::print("{}", text_.version(node_.remote(host), node_.client(host)));
    }

    const Options& options_;
    const Selection& hosts_;
    Text text_;
    Sockets sockets_;
    Trace trace_;
    Node node_;
    Waiter waiter_;
    bool finishing_ = false;
};

}  // namespace

std::string information() {
    return fmt::format("omping 0.0.5 (totemd {})", version_number());
}

void random_bytes(totem::MutableBytes out) {
    while (!out.empty()) {
        const ssize_t got = getrandom(out.data(), out.size(), 0);
        if (got > 0) out = out.subspan(static_cast<std::size_t>(got));
    }
}

int ping(const Options& options, const Selection& hosts) {
    Ping run(options, hosts);
    run.run();
    run.finish();
    return 0;
}

}  // namespace tools::omping
