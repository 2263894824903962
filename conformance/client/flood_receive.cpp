// What the client does with deliveries and configuration changes.
#include <fmt/format.h>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "conformance/client/flood_client.hpp"

namespace flood {

namespace {

constexpr std::size_t kept_errors = 20, kept_events = 500;

const char* reason_name(std::uint32_t reason) {
    switch (reason) {
        case CPG_REASON_JOIN:
            return "join";
        case CPG_REASON_LEAVE:
            return "leave";
        case CPG_REASON_NODEDOWN:
            return "nodedown";
        case CPG_REASON_NODEUP:
            return "nodeup";
        case CPG_REASON_PROCDOWN:
            return "procdown";
        default:
            return "undefined";
    }
}

std::string describe(const StreamId& stream) {
    return fmt::format("{}/{}", stream.node, stream.index);
}

}  // namespace

void FloodClient::fail(const std::string& what) {
    ++outcome_.error_count;
    if (outcome_.errors.size() < kept_errors) outcome_.errors.push_back(what);
}

void FloodClient::note(const std::string& event) {
    const auto at = std::chrono::duration<double>(Clock::now() - begin_).count();
    if (outcome_.events.size() < kept_events) outcome_.events.push_back(fmt::format("{:.3f} {}", at, event));
    if (options_.report_events) fmt::print(stderr, "{:8.3f} {}\n", at, event);
}

void FloodClient::delivered(std::uint32_t node, std::uint32_t pid, std::span<const std::byte> message) {
    ++events_dispatched_;
    if (done_) return;
    const auto content = hash(message);
    outcome_.chain = mix(mix(mix(outcome_.chain, node), message.size()), content);
    log_.message({node, message.size(), content});
    last_delivered_ = Clock::now();
    const auto sender = senders_.find({node, pid});
    if (sender == senders_.end()) {
        fail(fmt::format("a message from process {} of node {}, which is not a member of the group", pid, node));
        return;
    }
    check_stream(sender->second, node, read_header(message), message);
    finish_if_all_ended();
}

void FloodClient::check_stream(Sender& sender, std::uint32_t node, const std::optional<Header>& header,
                               std::span<const std::byte> message) {
    if (header) {
        if (header->stream.node != node) {
            fail(fmt::format("node {} delivers as its own a message of {}", node, describe(header->stream)));
            return;
        }
        if (sender.stream && *sender.stream != header->stream) {
            fail(fmt::format("one process sends the streams {} and {}", describe(*sender.stream),
                             describe(header->stream)));
        }
        sender.stream = header->stream;
    }
    const bool data = !header || header->kind == Kind::data;
    if (data) {
        ++outcome_.delivered;
        outcome_.bytes += message.size();
    }
    // Small messages of a stream that was going on before this client joined say nothing of themselves.
    if (!sender.stream) return;
    auto& stream = outcome_.streams[*sender.stream];
    if (data) return check_data(stream, *sender.stream, header, message);
    if (!is_intact(message, *header)) fail(fmt::format("a marker of {} is damaged", describe(*sender.stream)));
    if (header->kind == Kind::start) {
        if (stream.messages > 0 || stream.from_the_start) {
            fail(fmt::format("{} starts twice", describe(*sender.stream)));
        }
        stream.from_the_start = true;
        stream.next = 0;
        return;
    }
    if (stream.next && *stream.next != header->sequence) {
        fail(fmt::format("{} ends with {} messages but {} were delivered", describe(*sender.stream), header->sequence,
                         *stream.next));
    }
    stream.ended = sender.ended = true;
}

void FloodClient::check_data(Stream& stream, const StreamId& id, const std::optional<Header>& header,
                             std::span<const std::byte> message) {
    ++stream.messages;
    stream.bytes += message.size();
    if (stream.ended) fail(fmt::format("{} goes on after its end", describe(id)));
    if (header && stream.next && header->sequence != *stream.next) {
        fail(fmt::format("{} delivers message {} where {} is due", describe(id), header->sequence, *stream.next));
    }
    if (header && header->sequence < stream.least) {
        fail(fmt::format("{} delivers message {} again", describe(id), header->sequence));
    }
    if (header) stream.next = header->sequence;
    if (!stream.next) {
        ++stream.unchecked;
        return;
    }
    if (!is_intact(message, {Kind::data, id, *stream.next})) {
        fail(fmt::format("message {} of {} ({} bytes) is not what was sent", *stream.next, describe(id),
                         message.size()));
    }
    stream.least = ++*stream.next;
}

void FloodClient::configuration_changed(std::span<const cpg_address> members, std::span<const cpg_address> left,
                                        std::span<const cpg_address> joined) {
    ++events_dispatched_;
    if (done_) return;
    std::string change;
    for (const auto& one : joined) {
        change += fmt::format("+{}:{} ", one.nodeid, reason_name(one.reason));
    }
    for (const auto& one : left) {
        change += fmt::format("-{}:{} ", one.nodeid, reason_name(one.reason));
        const auto sender = senders_.find({one.nodeid, one.pid});
        if (sender == senders_.end()) continue;
        // What it sends elsewhere is not delivered here: when it comes back there may be a gap.
        if (sender->second.stream) outcome_.streams[*sender->second.stream].next.reset();
    }
    std::map<Process, Sender> now;
    for (const auto& one : members) {
        const Process process{one.nodeid, one.pid};
        const auto known = senders_.find(process);
        now[process] = known == senders_.end() ? Sender{} : known->second;
    }
    senders_ = std::move(now);
    note(fmt::format("{}members {}", change, members.size()));
    log_.group(change);
    if (members.size() >= options_.members) barrier_passed_ = true;
    finish_if_all_ended();
}

void FloodClient::ring_changed(const cpg_ring_id& ring, std::span<const std::uint32_t> members) {
    ++events_dispatched_;
    if (done_) return;
    const auto id = fmt::format("{:x}.{:x}", ring.nodeid, ring.seq);
    note(fmt::format("ring {} of {} nodes", id, members.size()));
    log_.view(id, {members.begin(), members.end()});
}

// All clients of a ring come to this at the same place in the order of messages.
void FloodClient::finish_if_all_ended() {
    if (sending_ != Sending::over || senders_.empty()) return;
    const bool all =
        std::all_of(senders_.begin(), senders_.end(), [](const auto& entry) { return entry.second.ended; });
    const bool self = std::any_of(senders_.begin(), senders_.end(), [&](const auto& entry) {
        return entry.second.stream == StreamId{outcome_.node, options_.index};
    });
    if (all && self) finish("all have ended", true);
}

std::string to_json(const Outcome& outcome) {
    nlohmann::json streams = nlohmann::json::array();
    for (const auto& [id, stream] : outcome.streams) {
        streams.push_back({{"node", id.node},
                           {"index", id.index},
                           {"messages", stream.messages},
                           {"bytes", stream.bytes},
                           {"unchecked", stream.unchecked},
                           {"from_the_start", stream.from_the_start},
                           {"ended", stream.ended}});
    }
    const double seconds = std::max(outcome.seconds, 1e-6);
    const nlohmann::json value = {{"node", outcome.node},
                                  {"complete", outcome.complete},
                                  {"reason", outcome.reason},
                                  {"sent", outcome.sent},
                                  {"delivered", outcome.delivered},
                                  {"bytes", outcome.bytes},
                                  {"refused", outcome.refused},
                                  {"interrupted", outcome.interrupted},
                                  {"chain", fmt::format("{:016x}", outcome.chain)},
                                  {"streams", streams},
                                  {"error_count", outcome.error_count},
                                  {"errors", outcome.errors},
                                  {"events", outcome.events},
                                  {"seconds", outcome.seconds},
                                  {"messages_per_second", static_cast<double>(outcome.delivered) / seconds},
                                  {"bytes_per_second", static_cast<double>(outcome.bytes) / seconds}};
    return value.dump(2);
}

}  // namespace flood
