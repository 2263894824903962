#include "cfs/replica/clusterlog/cluster_log.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "cfs/replica/clusterlog/ascii_filter.hpp"

namespace cfs::replica {
namespace {

constexpr std::size_t kLongestWord = 254;
constexpr std::uint32_t kDefaultLines = 50;
// A merged ring leaves room for one entry.
constexpr std::size_t kMostMerged = LogRing::kSize - 8 - kLargestLogEntry;

std::string word(std::string_view text) {
    return std::string(text.substr(0, std::min(text.find('\0'), kLongestWord)));
}

}  // namespace

LogEntry ClusterLog::add(std::uint32_t now, const Text& text) {
    LogEntry entry;
    entry.uid = ++last_uid_;
    entry.time = now;
    entry.pid = text.pid;
    entry.priority = text.priority;
    entry.node = word(node_);
    entry.ident = word(text.ident);
    entry.tag = word(text.tag);
    entry.node_digest = text_digest(entry.node);
    entry.ident_digest = text_digest(entry.ident);
    entry.message = ascii_filter(text.message, kLargestLogEntry - encoded_size(entry) + 1, Quotes::escape);
    (void)insert(entry);
    return entry;
}

bool ClusterLog::insert(const LogEntry& entry) {
    if (encoded_size(entry) > kLargestLogEntry || !accept(entry)) return false;
    ring_.append(entry);
    return true;
}

bool ClusterLog::accept(const LogEntry& entry) {
    const auto [known, is_new] = newest_.try_emplace(entry.node_digest, Newest{entry.time, entry.uid});
    if (is_new) return true;
    if (std::tie(entry.time, entry.uid) <= std::tie(known->second.time, known->second.uid)) return false;
    known->second = {entry.time, entry.uid};
    return true;
}

Buffer ClusterLog::state() {
    LogRing fresh;
    for (const LogEntry& entry : in_order(ring_.entries()))
        fresh.append(entry);
    ring_ = std::move(fresh);
    return ring_.bytes();
}

void ClusterLog::merge(std::span<const LogRing> rings) {
    std::vector<std::vector<LogEntry>> logs;
    for (const LogRing& ring : rings)
        logs.push_back(ring.entries());
    std::vector<std::size_t> heads(logs.size());
    std::vector<LogEntry> chosen;
    std::set<std::tuple<std::uint32_t, std::uint64_t, std::uint32_t>> taken;
    newest_.clear();
    for (std::size_t total = 0; total < kMostMerged;) {
        std::size_t best = logs.size();
        for (std::size_t i = 0; i < logs.size(); ++i) {
            if (heads[i] == logs[i].size()) continue;
            if (best == logs.size() || logs[i][heads[i]].time > logs[best][heads[best]].time) best = i;
        }
        if (best == logs.size()) break;
        const LogEntry& entry = logs[best][heads[best]++];
        if (!taken.emplace(entry.time, entry.node_digest, entry.uid).second) continue;
        (void)accept(entry);
        total += aligned_log_size(encoded_size(entry));
        chosen.push_back(entry);
    }
    ring_ = {};
    for (const LogEntry& entry : in_order(chosen))
        ring_.append(entry);
}

std::string ClusterLog::json(std::uint32_t most, std::string_view user) const {
    std::uint32_t left = most == 0 ? kDefaultLines : most;
    std::string lines;
    for (const LogEntry& entry : ring_.entries()) {
        if (left == 0) break;
        if (!user.empty() && entry.ident != user) continue;
        --left;
        if (!lines.empty()) lines += ",\n";
        lines += fmt::format(
            R"({{"uid": {}, "time": {}, "pri": {}, "tag": "{}", "pid": {}, "node": "{}", "user": "{}", "msg": "{}"}})",
            entry.uid, entry.time, entry.priority, entry.tag, entry.pid, entry.node, entry.ident, entry.message);
    }
    if (!lines.empty()) lines += '\n';
    return "{\n\"data\": [\n" + lines + "]\n}\n";
}

}  // namespace cfs::replica
