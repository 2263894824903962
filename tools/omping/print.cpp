#include "tools/omping/print.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tools::omping {
namespace {

double milliseconds_of(double ns) {
    return ns / 1e6;
}

double milliseconds_of(nanoseconds ns) {
    return milliseconds_of(static_cast<double>(ns.count()));
}

// Queries since the first that the group answered.
std::uint64_t sent_since_first(const Client& client) {
    const std::uint64_t first = client.first_group_sequence();
    return first == 0 || first > client.sent() ? client.sent() : client.sent() - first + 1;
}

}  // namespace

Text::Text(const Options& options, const std::vector<Remote>& remotes, const Address& group)
    : method_(options.method), continuous_(options.continuous), group_(group.to_string()) {
    for (const Remote& remote : remotes)
        width_ = std::max(width_, remote.name.size());
}

std::string Text::line(const Remote& host, std::string_view text) const {
    return fmt::format("{:<{}} : {}\n", host.name, width_, text);
}

const char* Text::cast(bool group) const {
    if (!group) return "uni";
    return method_ == Method::broadcast ? "broad" : "multi";
}

std::string Text::waiting(const Remote& host) const {
    return line(host, "waiting for response msg");
}

std::string Text::joined(const Remote& host) const {
    const std::string source = method_ == Method::ssm ? host.address.to_string() : "*";
    return line(host, fmt::format("joined (S,G) = ({}, {}), pinging", source, group_));
}

std::string Text::stopped(const Remote& host, StopReason reason) const {
    switch (reason) {
        case StopReason::server:
            return line(host, "server told us to stop");
        case StopReason::count:
            return line(host, "given amount of query messages was sent");
        case StopReason::exhausted:
            return line(host, "maximum number of query messages exhausted");
        case StopReason::version:
            return line(host, "remote version received");
        case StopReason::ended:
            break;
    }
    return {};
}

std::string Text::reply(const Remote& host, const Client& client, const Reply& reply) const {
    std::string text = fmt::format("{:>5}cast, seq={}{}, size={} bytes", cast(reply.group), reply.sequence,
                                   reply.duplicate ? " (dup)" : "", reply.size);
    if (reply.distance_known) text += fmt::format(", dist={}", reply.distance);
    if (reply.rtt) text += fmt::format(", time={:.3f}ms", milliseconds_of(*reply.rtt));
    if (continuous_) {
        const CastStatistics& so_far = reply.group ? client.group() : client.unicast();
        const std::uint64_t sent = reply.group ? sent_since_first(client) : client.sent();
        const std::string mean =
            reply.rtt ? fmt::format("{:.3f} avg, ", milliseconds_of(so_far.rtt.mean())) : std::string();
        text += fmt::format(" ({}{}% loss)", mean, loss_percent(sent, so_far.received));
    }
    return line(host, text);
}

std::string Text::cast_summary(const Client& client, bool group) const {
    const CastStatistics& all = group ? client.group() : client.unicast();
    std::string text = fmt::format("{:>5}cast, xmt/rcv/%loss = {}/{}", cast(group), client.sent(), all.received);
    if (all.duplicates != 0) text += fmt::format("+{}", all.duplicates);
    text += fmt::format("/{}%", loss_percent(client.sent(), all.received));
    if (group && client.first_group_sequence() > 1) {
        text += fmt::format(" (seq>={} {}%)", client.first_group_sequence(),
                            loss_percent(sent_since_first(client), all.received));
    }
    return text + fmt::format(", min/avg/max/std-dev = {:.3f}/{:.3f}/{:.3f}/{:.3f}", milliseconds_of(all.rtt.least()),
                              milliseconds_of(all.rtt.mean()), milliseconds_of(all.rtt.greatest()),
                              milliseconds_of(all.rtt.deviation()));
}

std::string Text::summary(const Remote& host, const Client& client) const {
    if (client.sent() == 0) return line(host, "response message never received");
    return line(host, cast_summary(client, false)) + line(host, cast_summary(client, true));
}

std::string Text::version(const Remote& host, const Client& client) const {
    return line(host, client.version() ? printable(*client.version()) : "response message not received");
}

std::string printable(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) {
        if (c == '\\') {
            out += "\\\\";
        } else if (c >= ' ' && c <= '~') {
            out += c;
        } else {
            out += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

}  // namespace tools::omping
