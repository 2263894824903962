#pragma once
// The configuration map (cmap): typed values under dotted names, with change notification.
// Spec client-ipc.md sections 9.3 to 9.6, corosync-conf.md section 11.1. Single-threaded.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cmap/value.hpp"

namespace engine::cmap {

// Numbers are cs_error_t's, as clients see them.
enum class Status : int {
    ok = 1,
    invalid_param = 7,
    access = 11,
    not_exist = 12,
    name_too_long = 13,  // also: too short, illegal characters
};
std::string_view name(Status status);  // "CS_OK", "CS_ERR_INVALID_PARAM", ...

inline constexpr std::size_t kMinKey = 3;
inline constexpr std::size_t kMaxKey = 255;
inline constexpr std::size_t kMaxValue = 16384;  // bytes, a string's NUL not counted

// 3 to 255 characters of a-z A-Z 0-9 . _ - / :
bool valid_key(std::string_view key);

// Bits of a tracker's interest, and the single bit a change is.
namespace track {
inline constexpr unsigned kDelete = 1, kModify = 2, kAdd = 4;
inline constexpr unsigned kAll = kDelete | kModify | kAdd;
}  // namespace track

struct Change {
    unsigned event = 0;  // one bit of track::
    const std::string& key;
    const Value* now = nullptr;     // absent in a delete
    const Value* before = nullptr;  // absent in an add and for a Counter
};

enum class Scope : std::uint8_t { exact, prefix };
// Clients are refused read-only keys; the daemon writes everything.
enum class Writer : std::uint8_t { daemon, client };

class Map {
    using Entries = std::map<std::string, Value, std::less<>>;

public:
    using TrackerId = std::uint64_t;
    // A u64 that changes with every message: found once, then incremented in place (section 9.6).
    class Counter {
    public:
        Counter() = default;

    private:
        friend class Map;
        Entries::value_type* entry_ = nullptr;
        std::uint64_t looked_at_ = 0;  // trackers as of which `watched_` is right
        bool watched_ = false;
        std::uint64_t to_tell_in_ = 0;  // the round of telling it is on the list of
    };
    using Callback = std::function<void(const Change&)>;

    // Setting an equal value of equal type is ok and notifies nobody; the type may change.
    Status set(std::string_view key, Value value, Writer writer = Writer::daemon);
    Status erase(std::string_view key, Writer writer = Writer::daemon);
    // Integers only; wraps at the type's width.
    Status adjust(std::string_view key, std::int32_t step, Writer writer = Writer::daemon);

    // Makes `key` a u64 0 unless it is a u64 already. It must not be erased while the counter is in use.
    Counter counter(std::string_view key);
    // Its trackers hear of it with tell_counters(), of several changes as one.
    void increment(Counter& counter);
    bool counters_to_tell() const { return !changed_counters_.empty(); }
    void tell_counters();

    // Valid until the key changes.
    const Value* get(std::string_view key) const;
    bool contains(std::string_view key) const { return get(key) != nullptr; }
    // nullopt if the key is missing or of another type.
    std::optional<std::string> get_string(std::string_view key) const;
    template <class T>
    std::optional<T> get_number(std::string_view key) const {
        const Value* value = get(key);
        const T* number = value ? value->get_if<T>() : nullptr;
        return number ? std::optional<T>(*number) : std::nullopt;
    }

    // Keys beginning with `prefix` in byte order. The visitor must not change the map.
    using Visitor = std::function<void(const std::string& key, const Value& value)>;
    void for_each(std::string_view prefix, const Visitor& visit) const;
    // Iteration that survives changes: the first key with `prefix` behind `after` ("": from the start).
    std::optional<std::string> next_key(std::string_view prefix, std::string_view after) const;
    std::vector<std::string> keys(std::string_view prefix = "") const;
    std::size_t erase_prefix(std::string_view prefix);  // returns how many
    std::size_t size() const { return entries_.size(); }

    void make_read_only(std::string_view key_or_prefix, Scope scope);
    bool is_read_only(std::string_view key) const;

    // `callback` runs inside the change, in order of registration; it may change the map and add or remove
    // trackers, itself included. What it changes is told after the change it was told of, so that everybody
    // hears of all changes in the order they were made. An exact key need not exist; Scope::prefix with ""
    // is everything.
    TrackerId track(std::string_view key_or_prefix, Scope scope, unsigned events, Callback callback);
    bool untrack(TrackerId id);

private:
    struct Tracker {
        std::string key;
        Scope scope;
        unsigned events;
        Callback callback;
    };

    // A change that somebody is to be told of.
    struct Pending {
        unsigned event;
        std::string key;
        std::optional<Value> now, before;
        std::vector<TrackerId> interested;
    };

    bool refused(std::string_view key, Writer writer) const;
    std::vector<TrackerId> interested(unsigned event, std::string_view key) const;
    void notify(unsigned event, const std::string& key, const Value* now, const Value* before);
    void tell(const Pending& change);

    Entries entries_;
    std::set<std::string, std::less<>> read_only_keys_;
    std::vector<std::string> read_only_prefixes_;
    std::map<TrackerId, Tracker> trackers_;
    TrackerId next_tracker_ = 1;
    std::uint64_t tracker_changes_ = 1;
    std::deque<Pending> pending_;
    bool telling_ = false;
    std::vector<const Entries::value_type*> changed_counters_;
    std::uint64_t counter_round_ = 1;
};

}  // namespace engine::cmap
