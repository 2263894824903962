#include "tools/omping/qualify/recording.hpp"

#include <algorithm>
#include <cmath>

namespace tools::omping::qualify {
namespace {

void grow(std::vector<float>& samples, std::uint32_t sequence) {
    if (samples.size() < sequence) samples.resize(sequence, kMissing);
}

double percent(std::uint64_t sent, std::uint64_t received) {
    if (received >= sent) return 0;
    return 100.0 * static_cast<double>(sent - received) / static_cast<double>(sent);
}

std::vector<Gap> find_gaps(const std::vector<float>& samples, std::uint32_t first) {
    std::vector<Gap> gaps;
    for (std::uint32_t sequence = first; first != 0 && sequence <= samples.size(); ++sequence) {
        if (samples[sequence - 1] != kMissing) continue;
        if (gaps.empty() || gaps.back().from + gaps.back().length != sequence) gaps.push_back({sequence, 0});
        ++gaps.back().length;
    }
    return gaps;
}

}  // namespace

double CastSummary::loss_percent() const {
    return percent(sent, received);
}

double CastSummary::loss_since_first_percent() const {
    if (first == 0) return loss_percent();
    std::uint64_t lost = 0;
    for (const Gap& gap : gaps)
        lost += gap.length;
    return percent(received + lost, received);
}

std::uint32_t CastSummary::longest_gap() const {
    const auto longest = std::ranges::max_element(gaps, {}, &Gap::length);
    return longest == gaps.end() ? 0 : longest->length;
}

void Recording::sent(std::uint32_t sequence) {
    grow(unicast_.samples, sequence);
    grow(group_.samples, sequence);
}

void Recording::exclude(std::uint32_t sequence) {
    if (sequence == 0) return;
    sent(sequence);
    for (Cast* cast : {&unicast_, &group_}) {
        float& sample = cast->samples[sequence - 1];
        if (sample == kMissing) sample = kExcluded;
    }
}

void Recording::replied(const Reply& reply) {
    Cast& cast = reply.group ? group_ : unicast_;
    if (reply.duplicate) {
        ++cast.duplicates;
        return;
    }
    if (!reply.rtt || reply.sequence == 0) return;
    sent(reply.sequence);
    cast.samples[reply.sequence - 1] = static_cast<float>(static_cast<double>(reply.rtt->count()) / 1000);
    if (reply.sequence < cast.highest) {
        ++cast.reordered;
        cast.depth = std::max(cast.depth, cast.highest - reply.sequence);
    }
    cast.highest = std::max(cast.highest, reply.sequence);
}

CastSummary Recording::summary(bool group) const {
    const Cast& cast = group ? group_ : unicast_;
    CastSummary out;
    out.duplicates = cast.duplicates;
    out.reordered = cast.reordered;
    out.reorder_depth = cast.depth;
    Moments moments;
    double differences = 0, before = -1;
    for (std::size_t i = 0; i < cast.samples.size(); ++i) {
        const double us = cast.samples[i];
        out.sent += us == kExcluded ? 0 : 1;
        if (us < 0) continue;
        if (out.first == 0) out.first = static_cast<std::uint32_t>(i + 1);
        ++out.received;
        out.histogram.add(us);
        moments.add(nanoseconds(static_cast<std::int64_t>(us * 1000)));
        if (before >= 0) differences += std::abs(us - before);
        before = us;
    }
    out.gaps = find_gaps(cast.samples, out.first);
    if (out.received == 0) return out;
    out.min_us = static_cast<double>(moments.least().count()) / 1000;
    out.max_us = static_cast<double>(moments.greatest().count()) / 1000;
    out.mean_us = moments.mean() / 1000;
    out.deviation_us = moments.deviation() / 1000;
    const auto percentile = [&](double share) { return std::min(out.histogram.percentile(share), out.max_us); };
    out.p50_us = percentile(0.5);
    out.p90_us = percentile(0.9);
    out.p99_us = percentile(0.99);
    out.p999_us = percentile(0.999);
    if (out.received > 1) out.jitter_us = differences / static_cast<double>(out.received - 1);
    return out;
}

std::optional<Silence> find_silence(const std::vector<float>& unicast, const std::vector<float>& group,
                                    std::uint32_t least) {
    std::optional<Silence> longest;
    Silence now;
    std::uint32_t heard = 0;
    bool begun = false;  // the group was heard before
    for (std::uint32_t i = 0; i < group.size() && i < unicast.size(); ++i) {
        if (group[i] >= 0) {
            begun = true;
            now = {};
            heard = 0;
            continue;
        }
        if (!begun || group[i] == kExcluded) continue;
        if (now.length == 0) now.from = i + 1;
        ++now.length;
        heard += unicast[i] >= 0 ? 1 : 0;
        now.to_the_end = i + 1 == group.size();
        // Where unicast is silent, too, it is something else.
        if (now.length < least || heard * 5 < now.length * 4) continue;
        if (!longest || now.length > longest->length) longest = now;
    }
    return longest;
}

}  // namespace tools::omping::qualify
