#include "engine/why/evidence.hpp"

#include <algorithm>

namespace engine::why {
namespace {

bool overlap(const Evidence& a, const Evidence& b) {
    const auto begin = [](const Evidence& pause) {
        return pause.at - static_cast<std::int64_t>(pause.milliseconds.value_or(0));
    };
    return begin(a) <= b.at && begin(b) <= a.at;
}

}  // namespace

bool EvidenceLog::merged(Entry& entry, const Evidence& evidence) {
    Evidence& known = entry.evidence;
    if (known.kind != evidence.kind || known.node != evidence.node) return false;
    if (known.kind == EvidenceKind::own_pause) {
        if (!overlap(known, evidence)) return false;
        if (evidence.milliseconds > known.milliseconds) known.milliseconds = evidence.milliseconds;
        known.at = std::max(known.at, evidence.at);
    } else if (known.kind == EvidenceKind::named_failed) {
        for (const NodeId by : evidence.nodes) {
            const bool new_name = std::find(known.nodes.begin(), known.nodes.end(), by) == known.nodes.end();
            if (new_name && known.nodes.size() < kMostNames) known.nodes.push_back(by);
        }
        std::sort(known.nodes.begin(), known.nodes.end());
    } else {
        if (known.nodes != evidence.nodes || known.detail != evidence.detail || known.count != evidence.count) {
            return false;
        }
        ++known.times;
    }
    entry.last = evidence.at;
    return true;
}

void EvidenceLog::add(Evidence evidence) {
    for (Entry& entry : entries_) {
        if (merged(entry, evidence)) return;
    }
    if (entries_.size() >= kCapacity) {
        entries_.erase(entries_.begin() + kCapacity / 2);
        ++dropped_;
    }
    const auto last = evidence.at;
    entries_.push_back({std::move(evidence), last});
}

void EvidenceLog::forget_before(std::int64_t at) {
    std::erase_if(entries_, [at](const Entry& entry) { return entry.last < at; });
}

void EvidenceLog::clear() {
    entries_.clear();
    dropped_ = 0;
}

std::vector<Evidence> EvidenceLog::items() const {
    std::vector<Evidence> out;
    for (const Entry& entry : entries_)
        out.push_back(entry.evidence);
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    return out;
}

}  // namespace engine::why
