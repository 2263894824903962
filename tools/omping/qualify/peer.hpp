#pragma once
// What the qualifier keeps of one host while it runs.

#include <cmath>

#include "tools/omping/qualify/qualifier.hpp"

namespace tools::omping::qualify {

// As many reports as go into a query of an ordinary size.
using ReportBatch = std::vector<Datagram>;

inline std::vector<ReportBatch> reports_for(const Results& results) {
    constexpr std::size_t kBatch = 16;
    std::vector<ReportBatch> out;
    for (const PeerResult& peer : results.peers) {
        if (peer.tests.empty()) continue;
        if (out.empty() || out.back().size() == kBatch) out.emplace_back();
        out.back().push_back(encode(report_of(peer)));
    }
    // Without anything to tell it still is told that we are done.
    if (out.empty()) out.emplace_back();
    return out;
}

inline std::vector<Option> options_of(const ReportBatch& batch) {
    std::vector<Option> out;
    for (const Datagram& report : batch)
        out.push_back({Code::result, report});
    return out;
}

inline void keep_report(PeerResult& peer, const PairReport& report) {
    const auto known =
        std::ranges::find_if(peer.reports, [&](const PairReport& each) { return same_host(each.to, report.to); });
    if (known == peer.reports.end()) {
        peer.reports.push_back(report);
    } else {
        *known = report;
    }
}

struct Qualifier::Peer {
    // --- one test
    Recording recording;
    std::optional<Instant> first_query, first_group;
    bool stopped = false;

    void begin() {
        recording = {};
        first_query.reset();
        first_group.reset();
        stopped = false;
        size.reset();
        size_passed = size_passed_group = false;
    }
    // A host that answers no burst takes part in the other test alone.
    bool takes_part(const std::string& test, const PeerResult& result) const {
        return result.reachable && !(test == "burst" && result.limits_rate);
    }
    void joined(Instant now) {
        if (!first_query) first_query = now;
    }
    void note_sent(std::uint32_t sequence) {
        if (sequence != 0) recording.sent(sequence);
    }
    void exclude(std::uint32_t sequence) {
        if (sequence != 0) recording.exclude(sequence);
    }
    void replied(const Reply& reply, Instant now) {
        recording.replied(reply);
        if (reply.group && !first_group) first_group = now;
    }
    bool heard_all() const {
        return recording.unicast().empty() ||
               (recording.unicast().back() != kMissing && recording.group().back() != kMissing);
    }
    TestResult result(const std::string& name, milliseconds interval, std::uint64_t count) const {
        constexpr std::uint32_t kSilence = 5;  // seconds
        TestResult out;
        out.name = name;
        out.interval_ms = static_cast<double>(interval.count());
        out.wanted = count;
        if (first_query && first_group) {
            out.group_setup_ms = std::chrono::duration<double, std::milli>(*first_group - *first_query).count();
        }
        out.unicast = recording.summary(false);
        out.group = recording.summary(true);
        out.unicast_us = recording.unicast();
        out.group_us = recording.group();
        out.silence =
            find_silence(out.unicast_us, out.group_us, static_cast<std::uint32_t>(kSilence * 1000 / interval.count()));
        out.stopped = stopped;
        return out;
    }

    // --- sizes
    std::optional<unsigned> size;  // to try now
    std::uint32_t size_from = 1;   // answers from this sequence number on are to it
    bool size_passed = false, size_passed_group = false;

    // --- exchange
    std::vector<ReportBatch> own_reports;  // that it has not confirmed
    unsigned share_tries = 0;
    bool done = false;
    Instant asked_at{};

    // The fastest round trip tells most.
    nanoseconds best_rtt = nanoseconds::max();
    void compare_clocks(const Reply& reply, std::optional<double>& offset_ms) {
        if (reply.group || !reply.server_time || !reply.rtt || *reply.rtt >= best_rtt) return;
        best_rtt = *reply.rtt;
        const WallTime middle = reply.received - *reply.rtt / 2;
        offset_ms = std::chrono::duration<double, std::milli>(wall_time(*reply.server_time) - middle).count();
    }
};

}  // namespace tools::omping::qualify
