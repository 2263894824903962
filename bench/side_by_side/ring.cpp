#include "bench/side_by_side/ring.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>

#include "bench/side_by_side/usage.hpp"

namespace bench {

using lab::milliseconds;

Ring::Ring(const Contestant& contestant, unsigned nodes, bool real_time)
    : contestant_(contestant),
      real_time_(real_time),
      lab_(std::make_unique<lab::Lab>(lab::Lab::create(plan_of(contestant, nodes, real_time)))) {
    if (!contestant.protects()) return;
    for (const auto node : lab_->all())
        lab_->give_key(node, 'k');
}

void Ring::start() {
    constexpr milliseconds kLimit{120000};  // default timeouts grow with the number of nodes
    for (const auto node : lab_->all()) {
        if (!lab_->running(node)) lab_->start(node);
    }
    const auto nodes = lab_->all();
    const auto some_died = [&] {
        return std::any_of(nodes.begin(), nodes.end(), [&](unsigned node) { return !lab_->running(node); });
    };
    lab::wait_until(kLimit, [&] { return lab_->has_ring(nodes) || some_died(); });
    if (!lab_->has_ring(nodes))
        throw lab::LabError(fmt::format("{}: the nodes do not form a ring:\n{}", contestant_.name(), explain()));
    // Where one engine may push clients aside and another may not, a comparison means nothing.
    for (const auto node : lab_->all()) {
        if (is_real_time(daemon(node)) != real_time_)
            throw lab::LabError(fmt::format("{} runs with{} real-time priority, the others do not", contestant_.name(),
                                            real_time_ ? "out" : ""));
    }
}

double Ring::processor_seconds() const {
    double sum = 0;
    for (const auto node : lab_->all())
        sum += bench::processor_seconds(daemon(node));
    return sum;
}

std::optional<std::uint64_t> Ring::tokens() const {
    if (contestant_.engine == "corosync2") return std::nullopt;
    lab::Arguments command = {lab::beside_us("totem-cmapctl"), "-m", "stats", "-g", "stats.srp.orf_token_rx"};
    if (contestant_.second_dialect()) command = {command[0], "-g", "runtime.totem.pg.mrp.srp.orf_token_rx"};
    // The keys of 2.x are first written a second or two after the start.
    constexpr milliseconds kFirst{5000};
    lab::Finished answer;
    std::size_t equals = std::string::npos;
    if (!lab::wait_until(kFirst, [&] {
            answer = lab_->run(1, command);
            equals = answer.out.rfind("= ");
            return answer.status == 0 && equals != std::string::npos;
        }))
        throw lab::LabError(contestant_.name() + " does not say how many tokens it has received: " + answer.err);
    return std::stoull(answer.out.substr(equals + 2));
}

void Ring::restart() {
    for (const auto node : lab_->all()) {
        if (lab_->running(node)) lab_->kill(node);
    }
    start();
}

std::string Ring::explain() const {
    constexpr std::size_t kLength = 1500;
    std::string out = lab_->describe_rings();
    for (const auto node : lab_->all()) {
        if (lab_->running(node)) continue;
        const auto text = lab_->log(node).text();
        out += fmt::format("the last that node {} logged:\n{}", node,
                           text.substr(text.size() - std::min(text.size(), kLength)));
    }
    return out;
}

Client::Client(Ring& ring, unsigned node, const std::string& name, lab::Arguments arguments, int input)
    : ring_(&ring),
      who_(fmt::format("{}: the client on node {}", ring.contestant().name(), node)),
      node_(node),
      output_(ring.laboratory().directory() / fmt::format("client-{}-{}", name, node)) {
    arguments.insert(arguments.begin(), lab::beside_us("cpg-bench"));
    const auto file = lab::open_file(output_, O_CREAT | O_TRUNC | O_WRONLY);
    process_ = ring.laboratory().spawn(node, arguments, {.in = input, .out = file.get(), .err = file.get()});
}

bool Client::ready() {
    return process_.wait(milliseconds(0)) || !lab::read_file(output_).empty();
}

std::string Client::report(milliseconds limit) {
    const auto status = process_.wait(limit);
    const auto text = lab::read_file(output_);
    if (status != 0)
        throw lab::LabError(
            fmt::format("{} {}: {}\n{}", who_, status ? "failed" : "does not end", text, ring_->explain()));
    return text.substr(text.find('\n') + 1);
}

}  // namespace bench
