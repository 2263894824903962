#pragma once
// Keeps a line that anybody on the network can provoke from filling the disk: each key passes once per
// interval, with the number of those held back since.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "totem/base/time.hpp"

namespace engine {

class RepeatFilter {
public:
    // At most `keys` different keys are remembered; one more passes only when another's interval is over.
    explicit RepeatFilter(totem::Duration interval, std::size_t keys = 64) : interval_(interval), keys_(keys) {}

    // nullopt: say nothing. Otherwise how many equal ones were held back before this one.
    std::optional<std::uint64_t> pass(const std::string& key, totem::Instant now) {
        auto found = entries_.find(key);
        if (found == entries_.end()) {
            if (entries_.size() >= keys_ && !forget_one(now)) return std::nullopt;
            entries_.emplace(key, Entry{now, 0});
            return 0;
        }
        Entry& entry = found->second;
        if (now - entry.last < interval_) {
            ++entry.held_back;
            return std::nullopt;
        }
        std::uint64_t held_back = entry.held_back;
        entry = {now, 0};
        return held_back;
    }

private:
    struct Entry {
        totem::Instant last;
        std::uint64_t held_back;
    };

    bool forget_one(totem::Instant now) {
        for (auto at = entries_.begin(); at != entries_.end(); ++at) {
            if (now - at->second.last < interval_) continue;
            entries_.erase(at);
            return true;
        }
        return false;
    }

    totem::Duration interval_;
    std::size_t keys_;
    std::map<std::string, Entry> entries_;
};

}  // namespace engine
