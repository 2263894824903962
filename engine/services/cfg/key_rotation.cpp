#include "engine/services/cfg/key_rotation.hpp"

#include <algorithm>

namespace engine::cfg {

void KeyRotation::keys(KeyName current, std::optional<KeyName> next) {
    current_ = current;
    next_ = next;
}

void KeyRotation::configuration(std::uint64_t ring_seq, std::span<const NodeId> members) {
    members_.assign(members.begin(), members.end());
    begin_round(ring_seq << 16);
}

void KeyRotation::begin_round(std::uint64_t round) {
    round_ = round;
    reports_.clear();
    ordered_.reset();
    change_due_ = false;
}

void KeyRotation::report() {
    report_due_ = true;
    retry();
}

void KeyRotation::retry() {
    if (report_due_) report_due_ = !actions_.send({KeyMessage::Kind::report, round_, current_, next_});
    if (change_due_) change_due_ = !actions_.send({KeyMessage::Kind::change, round_, current_, ordered_});
}

void KeyRotation::on_message(NodeId from, const KeyMessage& message) {
    // What was queued before a reload or in another ring may come late.
    if (message.round != round_ || std::find(members_.begin(), members_.end(), from) == members_.end()) return;
    if (message.kind == KeyMessage::Kind::report) {
        reports_[from] = message;
        evaluate();
        return;
    }
    // What was reported since the order was given may have made it void, and everybody sees that here.
    if (!message.next || !agreed(*message.next)) return;
    for (auto& [member, report] : reports_)
        report = {KeyMessage::Kind::report, round_, *message.next, std::nullopt};
    ordered_.reset();
    if (next_ != *message.next) return;
    current_ = *message.next;
    next_.reset();
    actions_.change_to(current_);
}

bool KeyRotation::agreed(KeyName key) const {
    return std::all_of(members_.begin(), members_.end(), [&](NodeId member) {
        const auto report = reports_.find(member);
        return report != reports_.end() && has(report->second, key);
    });
}

void KeyRotation::evaluate() {
    if (reports_.size() < members_.size()) return;
    const auto candidate = std::find_if(reports_.begin(), reports_.end(),
                                        [](const auto& report) { return report.second.next.has_value(); });
    if (candidate == reports_.end()) return;
    const KeyName key = *candidate->second.next;
    std::vector<NodeId> without;
    for (const auto& [member, report] : reports_) {
        if (!has(report, key)) without.push_back(member);
    }
    if (!without.empty()) return actions_.lacking(key, without);
    if (reports_.begin()->first != self_ || ordered_ == key || !actions_.majority()) return;
    ordered_ = key;
    change_due_ = true;
    retry();
}

}  // namespace engine::cfg
