#include "engine/cmap/map.hpp"

#include <algorithm>
#include <memory>
#include <type_traits>
#include <utility>

namespace engine::cmap {
namespace {

bool valid_key_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-' || c == '/' || c == ':';
}

// nullopt for what has no integer to adjust.
std::optional<Value> adjusted(const Value& value, std::int32_t step) {
    return std::visit(
        [step](const auto& number) -> std::optional<Value> {
            using T = std::decay_t<decltype(number)>;
            if constexpr (std::is_integral_v<T>) {
                // In 64 unsigned bits first: wrapping is then defined, and truncation wraps at T's width.
                const auto sum = static_cast<std::uint64_t>(number) + static_cast<std::uint64_t>(std::int64_t{step});
                return Value(static_cast<T>(sum));
            } else {
                return std::nullopt;
            }
        },
        value.data());
}

}  // namespace

std::string_view name(Status status) {
    switch (status) {
        case Status::ok:
            return "CS_OK";
        case Status::invalid_param:
            return "CS_ERR_INVALID_PARAM";
        case Status::access:
            return "CS_ERR_ACCESS";
        case Status::not_exist:
            return "CS_ERR_NOT_EXIST";
        case Status::name_too_long:
            return "CS_ERR_NAME_TOO_LONG";
    }
    return "CS_ERR_LIBRARY";
}

bool valid_key(std::string_view key) {
    return key.size() >= kMinKey && key.size() <= kMaxKey && std::all_of(key.begin(), key.end(), valid_key_character);
}

bool Map::refused(std::string_view key, Writer writer) const {
    return writer == Writer::client && is_read_only(key);
}

Status Map::set(std::string_view key, Value value, Writer writer) {
    if (refused(key, writer)) return Status::access;
    if (value.length() - (value.type() == Type::string ? 1 : 0) > kMaxValue) return Status::invalid_param;
    const auto found = entries_.find(key);
    if (found == entries_.end()) {
        if (!valid_key(key)) return Status::name_too_long;
        const std::string name(key);
        const Value now = value;
        entries_.emplace(name, std::move(value));
        notify(track::kAdd, name, &now, nullptr);
        return Status::ok;
    }
    if (found->second == value) return Status::ok;
    // Copies, as a tracker may change or delete the entry.
    const std::string name = found->first;
    const Value before = std::exchange(found->second, value);
    notify(track::kModify, name, &value, &before);
    return Status::ok;
}

Status Map::erase(std::string_view key, Writer writer) {
    if (refused(key, writer)) return Status::access;
    const auto found = entries_.find(key);
    if (found == entries_.end()) return Status::not_exist;
    const auto entry = entries_.extract(found);
    notify(track::kDelete, entry.key(), nullptr, &entry.mapped());
    return Status::ok;
}

Status Map::adjust(std::string_view key, std::int32_t step, Writer writer) {
    if (refused(key, writer)) return Status::access;
    const Value* value = get(key);
    if (value == nullptr) return Status::not_exist;
    auto sum = adjusted(*value, step);
    if (!sum) return Status::invalid_param;
    return set(key, std::move(*sum), writer);
}

Map::Counter Map::counter(std::string_view key) {
    if (!get_number<std::uint64_t>(key)) set(key, std::uint64_t{0});
    Counter counter;
    if (const auto found = entries_.find(key); found != entries_.end()) counter.entry_ = &*found;
    return counter;
}

void Map::increment(Counter& counter) {
    if (counter.entry_ == nullptr) return;
    auto& [key, value] = *counter.entry_;
    const auto* number = value.get_if<std::uint64_t>();
    value = Value(number != nullptr ? *number + 1 : std::uint64_t{1});
    if (counter.looked_at_ != tracker_changes_) {
        counter.watched_ = !interested(track::kModify, key).empty();
        counter.looked_at_ = tracker_changes_;
    }
    if (!counter.watched_ || std::exchange(counter.to_tell_in_, counter_round_) == counter_round_) return;
    changed_counters_.push_back(counter.entry_);
}

void Map::tell_counters() {
    ++counter_round_;
    for (const auto* entry : std::exchange(changed_counters_, {}))
        notify(track::kModify, entry->first, &entry->second, nullptr);
}

const Value* Map::get(std::string_view key) const {
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
}

std::optional<std::string> Map::get_string(std::string_view key) const {
    const Value* value = get(key);
    const auto* text = value ? value->get_if<std::string>() : nullptr;
    return text ? std::optional<std::string>(*text) : std::nullopt;
}

void Map::for_each(std::string_view prefix, const Visitor& visit) const {
    for (auto entry = entries_.lower_bound(prefix); entry != entries_.end() && entry->first.starts_with(prefix);
         ++entry) {
        visit(entry->first, entry->second);
    }
}

std::optional<std::string> Map::next_key(std::string_view prefix, std::string_view after) const {
    const auto entry = after < prefix || after.empty() ? entries_.lower_bound(prefix) : entries_.upper_bound(after);
    if (entry == entries_.end() || !entry->first.starts_with(prefix)) return std::nullopt;
    return entry->first;
}

std::vector<std::string> Map::keys(std::string_view prefix) const {
    std::vector<std::string> result;
    for_each(prefix, [&](const std::string& key, const Value&) { result.push_back(key); });
    return result;
}

std::size_t Map::erase_prefix(std::string_view prefix) {
    std::size_t count = 0;
    for (const std::string& key : keys(prefix))
        count += erase(key) == Status::ok ? 1 : 0;
    return count;
}

void Map::make_read_only(std::string_view key_or_prefix, Scope scope) {
    if (scope == Scope::exact) {
        read_only_keys_.emplace(key_or_prefix);
    } else {
        read_only_prefixes_.emplace_back(key_or_prefix);
    }
}

bool Map::is_read_only(std::string_view key) const {
    return read_only_keys_.contains(key) ||
           std::any_of(read_only_prefixes_.begin(), read_only_prefixes_.end(),
                       [key](const std::string& prefix) { return key.starts_with(prefix); });
}

Map::TrackerId Map::track(std::string_view key_or_prefix, Scope scope, unsigned events, Callback callback) {
    const TrackerId id = next_tracker_++;
    trackers_.emplace(id, Tracker{std::string(key_or_prefix), scope, events, std::move(callback)});
    ++tracker_changes_;
    return id;
}

bool Map::untrack(TrackerId id) {
    ++tracker_changes_;
    return trackers_.erase(id) != 0;
}

std::vector<Map::TrackerId> Map::interested(unsigned event, std::string_view key) const {
    std::vector<TrackerId> found;
    for (const auto& [id, tracker] : trackers_) {
        const bool match = tracker.scope == Scope::exact ? key == tracker.key : key.starts_with(tracker.key);
        if (match && (tracker.events & event) != 0) found.push_back(id);
    }
    return found;
}

void Map::notify(unsigned event, const std::string& key, const Value* now, const Value* before) {
    auto whom = interested(event, key);
    if (whom.empty()) return;
    const auto copy = [](const Value* value) { return value ? std::optional<Value>(*value) : std::nullopt; };
    pending_.push_back({event, key, copy(now), copy(before), std::move(whom)});
    if (telling_) return;
    telling_ = true;
    const std::unique_ptr<bool, void (*)(bool*)> done(&telling_, [](bool* telling) { *telling = false; });
    while (!pending_.empty()) {
        const Pending change = std::move(pending_.front());
        pending_.pop_front();
        tell(change);
    }
}

void Map::tell(const Pending& change) {
    for (const TrackerId id : change.interested) {
        const auto found = trackers_.find(id);
        if (found == trackers_.end()) continue;            // removed by an earlier callback
        const Callback callback = found->second.callback;  // may remove itself while it runs
        callback(Change{change.event, change.key, change.now ? &*change.now : nullptr,
                        change.before ? &*change.before : nullptr});
    }
}

}  // namespace engine::cmap
