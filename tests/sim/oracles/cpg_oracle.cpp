#include "tests/sim/cpg_oracle.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tests/sim/hash.hpp"

namespace totem::sim {

using engine::cpg::Address;
using engine::cpg::Process;
using engine::cpg::Reason;

void CpgOracle::started(Who who) {
    pasts_[who.life].node = who.node;
    pasts_[who.life].lineage = mix(who.life, 1);
}

void CpgOracle::stopped(Who who) {
    pasts_[who.life].running = false;
}

void CpgOracle::enter(Past& past, RingKey ring, std::uint64_t lineage) {
    past.segment = {ring, lineage};
    past.lineage = lineage;
    past.seq = 0;
    for (auto& [id, listener] : listeners_)
        if (listener.open && listener.in_view && &pasts_[listener.life] == &past)
            listener.segments_begun.push_back(past.segment);
}

void CpgOracle::configuration(const ConfigurationEvent& event) {
    Past& past = pasts_[event.who.life];
    if (event.regular()) {
        past.ring = event.ring;
        past.members.assign(event.members.begin(), event.members.end());
        return enter(past, event.ring, past.lineage);
    }
    std::uint64_t with = 0;
    for (NodeId node : event.members)
        with += mix(node, 7);
    enter(past, past.ring, mix(past.lineage, mix(event.ring, with)));
}

void CpgOracle::position(Who who, std::uint32_t seq) {
    Past& past = pasts_[who.life];
    past.seq = seq;
    past.messages.clear();
    past.reached[past.segment] = seq;
}

void CpgOracle::message_begins(Who who, std::uint64_t hash) {
    Past& past = pasts_[who.life];
    past.message = hash;
    past.repetition = static_cast<std::uint32_t>(std::ranges::count(past.messages, hash));
    past.messages.push_back(hash);
}

void CpgOracle::message_ends(Who who) {
    pasts_[who.life].message = 0;
}

void CpgOracle::activated(Who who, RingKey ring, std::span<const Process> list) {
    Past& past = pasts_[who.life];
    const std::uint32_t seq = past.seq;
    enter(past, ring, mix(ring, 2));
    past.seq = seq;
    past.reached[past.segment] = seq;

    std::vector<std::tuple<std::string, NodeId, std::uint32_t>> entries;
    for (const Process& process : list) {
        entries.emplace_back(process.group.bytes, process.node, process.pid);
        if (std::find(past.members.begin(), past.members.end(), process.node) == past.members.end())
            verdict_.fail("cpg ghost", {who.node},
                          fmt::format("node {}: process {} of node {} is listed, which is not in ring {}", who.node,
                                      process.pid, process.node, facts_.name(ring)));
    }
    std::sort(entries.begin(), entries.end());
    auto [known, fresh] = lists_.try_emplace(ring, who.node, entries);
    if (!fresh && known->second.second != entries)
        verdict_.fail(
            "cpg list", {who.node, known->second.first},
            fmt::format("after synchronising on {} node {} lists {} processes, node {} lists others ({})",
                        facts_.name(ring), who.node, entries.size(), known->second.first, known->second.second.size()));
}

void CpgOracle::opened(Who who, ClientId client, std::uint32_t group, std::uint32_t pid) {
    Listener& listener = listeners_[client];
    listener.life = who.life;
    listener.node = who.node;
    listener.group = group;
    listener.pid = pid;
}

void CpgOracle::closed(ClientId client) {
    Listener& listener = listeners_[client];
    const Past& past = pasts_[listener.life];
    listener.open = false;
    listener.closed_in = past.segment;
    listener.closed_at = past.seq;
}

void CpgOracle::submitted(ClientId client, std::uint32_t counter, std::uint64_t hash) {
    Listener& listener = listeners_[client];
    if (listener.sent.size() <= counter) listener.sent.resize(counter + 1);
    listener.sent[counter] = {pasts_[listener.life].ring, hash};
}

bool CpgOracle::all_joined() const {
    return std::ranges::all_of(listeners_, [&](const auto& entry) {
        const Listener& listener = entry.second;
        return !listener.open || !pasts_.at(listener.life).running || listener.in_view;
    });
}

bool CpgOracle::all_heard() const {
    for (const auto& [id, sender] : listeners_) {
        if (!sender.open || !pasts_.at(sender.life).running || sender.sent.empty()) continue;
        for (const auto& [other, listener] : listeners_) {
            if (!listener.open || !pasts_.at(listener.life).running || listener.group != sender.group) continue;
            const auto heard = listener.counters.find(id);
            if (heard == listener.counters.end() || heard->second + 1 < sender.sent.size()) return false;
        }
    }
    return true;
}

void CpgOracle::hear(Listener& listener, std::uint64_t hash, bool may_miss) {
    const Past& past = pasts_[listener.life];
    const bool same =
        listener.last_segment == past.segment && listener.last.seq == past.seq && listener.last.message == 0;
    if (past.message != 0)
        listener.last = {past.seq, past.message, past.repetition};
    else
        listener.last = {past.seq, 0, same ? listener.last.sub + 1 : 0};
    listener.last_segment = past.segment;
    listener.heard[past.segment].push_back(listener.last);
    auto [fact, fresh] =
        logs_[{past.segment, listener.group}].try_emplace(listener.last, Fact{hash, listener.node, may_miss});
    if (!fresh && fact->second.hash != hash)
        fail("cpg agree", listener,
             fmt::format("{} {} differs from what node {} heard", facts_.name(past.segment.ring), past.seq,
                         fact->second.node));
}

void CpgOracle::view(ClientId client, std::span<const Address> members, std::span<const Address> left,
                     std::span<const Address> joined) {
    Listener& listener = listeners_[client];
    if (!listener.open) return fail("cpg view", listener, "an event after the end of the connection");
    std::vector<Member> now;
    std::uint64_t hash = 3;
    for (const Address& entry : members) {
        now.emplace_back(entry.node, entry.pid);
        hash = mix(hash, mix(entry.node, entry.pid));
    }
    for (const auto& list : {left, joined})
        for (const Address& entry : list)
            hash = mix(hash, mix(mix(entry.node, entry.pid), static_cast<std::uint64_t>(entry.reason)));
    if (!std::is_sorted(now.begin(), now.end()) || std::adjacent_find(now.begin(), now.end()) != now.end())
        fail("cpg view", listener, "the member list is not sorted, or names a process twice");
    // Where a list may not name all, what follows can't be checked against it.
    if (listener.in_view && listener.view_complete) {
        now = check_view(listener, std::move(now), left, joined);
    } else {
        listener.view_complete = now.size() < engine::cpg::kMaxListed;
    }
    check_reasons(listener, left);
    if (!listener.in_view) listener.segments_begun.clear();
    listener.in_view = true;
    listener.view = std::move(now);
    hear(listener, hash, false);
}

// All members now. A list names so many at most, those of the lowest nodes and processes.
std::vector<CpgOracle::Member> CpgOracle::check_view(Listener& listener, std::vector<Member> listed,
                                                     std::span<const Address> left, std::span<const Address> joined) {
    std::vector<Member> expected = listener.view;
    for (const Address& entry : joined) {
        const Member member{entry.node, entry.pid};
        if (std::find(expected.begin(), expected.end(), member) != expected.end())
            fail("cpg view", listener, fmt::format("process {} of node {} joined twice", entry.pid, entry.node));
        expected.push_back(member);
    }
    for (const Address& entry : left)
        std::erase(expected, Member{entry.node, entry.pid});
    std::sort(expected.begin(), expected.end());
    const std::size_t count = std::min(expected.size(), engine::cpg::kMaxListed);
    if (!std::equal(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(count), listed.begin(),
                    listed.end()))
        fail("cpg view", listener,
             "the members are not the previous ones with those who joined and without those who left");
    return expected;
}

// When services synchronise, processes go because their node did, or because their node does not know them any more.
void CpgOracle::check_reasons(const Listener& listener, std::span<const Address> left) {
    const Past& past = pasts_[listener.life];
    for (const Address& entry : left) {
        const bool present = std::ranges::find(past.members, entry.node) != past.members.end();
        if (past.message == 0 && !present && entry.reason != Reason::nodedown)
            fail("cpg reason", listener,
                 fmt::format("process {} of the lost node {} left for reason {}", entry.pid, entry.node,
                             static_cast<int>(entry.reason)));
    }
}

void CpgOracle::message(ClientId client, NodeId node, std::uint32_t pid, MessageLabel label, std::uint64_t hash) {
    Listener& listener = listeners_[client];
    if (!listener.open || !listener.in_view) return fail("cpg view", listener, "a message outside of the membership");
    const bool known = std::any_of(listener.view.begin(), listener.view.end(),
                                   [node](const Member& member) { return member.first == node; });
    if (listener.view_complete && !known)
        fail("cpg view", listener,
             fmt::format("a message of process {} of node {}, which is not in the view", pid, node));
    bool may_miss = label.client == 0;
    if (label.client != 0) {
        std::uint32_t& last = listener.counters[label.client];
        if (label.counter <= last)
            fail("cpg fifo", listener,
                 fmt::format("message {} of client {} after {}", label.counter, label.client, last));
        if (label.client == client && label.counter != last + 1)
            fail("cpg fifo", listener, fmt::format("own message {} after {}", label.counter, last));
        last = label.counter;
        const Listener& sender = listeners_[label.client];
        if (sender.node != node || sender.pid != pid || label.counter >= sender.sent.size())
            fail("cpg content", listener, "a message that its sender did not send");
        else if (sender.sent[label.counter].hash != hash)
            fail("cpg content", listener, "a message with another content than the one sent");
        else
            may_miss = sender.sent[label.counter].ring != pasts_[listener.life].segment.ring;
    }
    hear(listener, mix(mix(node, pid), hash), may_miss);
}

// A client must have heard what others in the group heard, from the moment it was in.
void CpgOracle::check_complete(const Listener& listener) {
    std::vector<Segment> segments = listener.segments_begun;
    for (const auto& [segment, places] : listener.heard)
        if (std::ranges::find(segments, segment) == segments.end()) segments.push_back(segment);
    for (const Segment& segment : segments) {
        const bool began = std::ranges::find(listener.segments_begun, segment) != listener.segments_begun.end();
        const auto heard = listener.heard.find(segment);
        check_segment(listener, segment, heard == listener.heard.end() ? std::span<const Place>{} : heard->second,
                      began);
    }
}

void CpgOracle::check_segment(const Listener& listener, const Segment& segment, std::span<const Place> heard,
                              bool from_start) {
    const auto log = logs_.find({segment, listener.group});
    if (log == logs_.end()) return;
    const Past& past = pasts_[listener.life];
    const auto reached = past.reached.find(segment);
    std::uint32_t limit = reached == past.reached.end() ? 0 : reached->second;
    // A crash may have come in the middle of the last packet, and so may a leave.
    if (!past.running && limit > 0) --limit;
    if (!listener.open && listener.closed_in == segment)
        limit = std::min(limit, listener.closed_at == 0 ? 0 : listener.closed_at - 1);
    // One that joined here heard nothing before that.
    const std::uint32_t first = from_start ? 1 : heard.front().seq + 1;
    for (const auto& [place, fact] : log->second) {
        if (place.seq < first || place.seq > limit || fact.may_miss) continue;
        if (std::ranges::find(heard, place) != heard.end()) continue;
        return fail("cpg complete", listener,
                    fmt::format("missed an event of {} {}, which node {} heard", facts_.name(segment.ring), place.seq,
                                fact.node));
    }
}

void CpgOracle::finish() {
    for (const auto& [id, listener] : listeners_)
        check_complete(listener);
}

void CpgOracle::fail(const char* rule, const Listener& listener, const std::string& text) {
    verdict_.fail(rule, {listener.node},
                  fmt::format("node {} process {} group {}: {}", listener.node, listener.pid, listener.group, text));
}

}  // namespace totem::sim
